# SPDX-License-Identifier: MIT
"""Five messages are put, and only then are they taken, one after the other."""
import multiprocessing
import sys


def take_all(messages):
    for _ in range(5):
        messages.get()


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    messages = context.Queue()
    for number in range(5):
        messages.put(number)
    process = context.Process(target=take_all, args=(messages,))
    process.start()
    process.join()
