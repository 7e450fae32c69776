# SPDX-License-Identifier: MIT
"""Chunks of a large data set: what the C++ program beside this one does, in Python.

Usage: python3 program.py [items [chunk_size [workers [work_per_item [memory|file]]]]]
"""
import array
import collections
import multiprocessing
import os
import random
import sys
import tempfile
import time

NUMBER_BYTES = array.array("I").itemsize
CHUNKS_AHEAD = 2  # for each worker, before their results


def work_on(number, steps):
    """Each step needs the one before."""
    for _ in range(steps):
        number ^= number >> 33
        number = number * 0xFF51AFD7ED558CCD & 0xFFFFFFFFFFFFFFFF
    return number & 0xFFFFFFFF


def process(numbers, steps):
    """The task: one chunk's sum, and how many numbers it had."""
    return sum(work_on(number, steps) for number in numbers), len(numbers)


class Memory:
    """All numbers, in the memory of this process."""

    def __init__(self, count, generator):
        self.numbers = array.array("I", (generator.getrandbits(32) for _ in range(count)))

    def read(self, first, count):
        return self.numbers[first:first + count]


class File:
    """All numbers, in a file that has no name and is gone when it is closed."""

    def __init__(self, count, generator):
        self.file = tempfile.TemporaryFile()
        for first in range(0, count, 16_384):
            size = min(16_384, count - first)
            array.array("I", (generator.getrandbits(32) for _ in range(size))).tofile(self.file)
        self.file.flush()

    def read(self, first, count):
        self.file.seek(first * NUMBER_BYTES)
        numbers = array.array("I")
        numbers.fromfile(self.file, count)
        return numbers


def chunks(numbers, items, size):
    """The last one is what is left."""
    for first in range(0, items, size):
        yield numbers.read(first, min(size, items - first))


def main():
    arguments = sys.argv[1:] + [""] * 5
    items = int(arguments[0] or 2_000)
    size = min(int(arguments[1] or 60), items)
    workers = int(arguments[2] or len(os.sched_getaffinity(0)))
    steps = int(arguments[3] or 300)
    numbers = (File if arguments[4] == "file" else Memory)(items, random.Random(1))

    begin = time.perf_counter()
    alone = sum(process(chunk, steps)[0] for chunk in chunks(numbers, items, 16_384))
    sequential = time.perf_counter() - begin

    begin = time.perf_counter()
    together = done = sent = 0
    under_way = collections.deque()

    def take_oldest():
        nonlocal together, done
        part, count = under_way.popleft().get()
        together += part
        done += count

    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for chunk in chunks(numbers, items, size):
            if len(under_way) == CHUNKS_AHEAD * workers:
                take_oldest()
            under_way.append(pool.apply_async(process, (chunk, steps)))
            sent += 1
            last = len(chunk)
        while under_way:
            take_oldest()
    parallel = time.perf_counter() - begin

    assert done == items and together == alone
    print(f"{items} numbers in {sent} chunks, the last of {last}: sum {together}")
    print(f"sequential {sequential:.2f} s, parallel {parallel:.2f} s, "
          f"speedup {sequential / parallel:.2f}")


# Spawned workers import this file again: without the guard each would start a pool of its own.
if __name__ == "__main__":
    main()
