# SPDX-License-Identifier: MIT
"""An executor of processes."""
import concurrent.futures
import multiprocessing
import sys


def cube(number):
    if number < 0:
        raise ValueError("too small")
    return number ** 3


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(cube, range(6))), list(executor.map(cube, range(6), chunksize=3)))
        calls = [executor.submit(cube, number) for number in (2, -2)]
        print(calls[0].result())
        print(repr(calls[1].exception()))
