# SPDX-License-Identifier: MIT
"""Shared values and arrays, with locks of their own and of the program's."""
import multiprocessing
import sys


def count(counter, ratio, cells, raw, often):
    for number in range(5):
        with counter.get_lock():
            counter.value += 1
        cells[number] = number * number
    ratio.value = 0.5
    raw.value = 9
    for number in range(100_000):
        often.value = number


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    counter = context.Value("i", 0)
    lock = context.Lock()
    ratio = context.Value("d", 0.0, lock=lock)
    cells = context.Array("q", 5)
    raw = context.RawValue("i", 0)
    often = context.Value("i", 0)
    process = context.Process(target=count, name="Counter",
                              args=(counter, ratio, cells, raw, often))
    process.start()
    process.join()
    counter.value = -1
    print(counter.value, ratio.value, cells[:], raw.value, often.value)
