# SPDX-License-Identifier: MIT
"""Starts a process without asking whether it is the main program."""
import multiprocessing
import sys


def work():
    print("worked")


multiprocessing.set_start_method(sys.argv[1])
process = multiprocessing.Process(target=work)
process.start()
process.join()
print(process.exitcode)
