# SPDX-License-Identifier: MIT
"""Counting primes with a pool: what the C++ program beside this one does, in Python.

Usage: python3 program.py [limit [workers [chunks [static|dynamic|guided
                          [map|apply_async|imap_unordered]]]]]
"""
import multiprocessing
import os
import sys
import time


def is_prime(number):
    """Divides by 2, 3, 5, 7, 9 ... up to the square root."""
    if number < 4:
        return number >= 2
    if number % 2 == 0:
        return False
    divisor = 3
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 2
    return True


def count_primes(numbers):
    return sum(map(is_prime, numbers))


def count_ranges(ranges_of_one):
    """The task: what a worker is given at once."""
    return sum(map(count_primes, ranges_of_one))


def ranges(limit, chunks):
    """Equal ranges that cover 0 to limit."""
    return [range((limit + 1) * i // chunks, (limit + 1) * (i + 1) // chunks)
            for i in range(chunks)]


def portions(tasks, workers, schedule):
    """What is given out at once: Python's pool always gives to whoever is free."""
    if schedule == "static":  # every worker's whole share, in turns
        return [tasks[i::workers] for i in range(workers)]
    if schedule == "dynamic":  # one by one
        return [[task] for task in tasks]
    found = []  # guided: half of an even share of what is left
    while tasks:
        count = -(-len(tasks) // (2 * workers))
        found.append(tasks[:count])
        tasks = tasks[count:]
    return found


def count_with(pool, method, work):
    if method == "map":
        return sum(pool.map(count_ranges, work, chunksize=1))
    if method == "apply_async":
        calls = [pool.apply_async(count_ranges, (one,)) for one in work]
        return sum(call.get() for call in calls)
    return sum(pool.imap_unordered(count_ranges, work))


def main():
    arguments = sys.argv[1:] + [""] * 5
    limit = int(arguments[0] or 300_000)
    workers = int(arguments[1] or len(os.sched_getaffinity(0)))
    tasks = ranges(limit, int(arguments[2] or 64))
    work = portions(tasks, workers, arguments[3] or "dynamic")

    begin = time.perf_counter()
    alone = sum(map(count_primes, tasks))
    sequential = time.perf_counter() - begin

    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        together = count_with(pool, arguments[4] or "map", work)
    parallel = time.perf_counter() - begin

    assert alone == together
    print(f"{together} primes up to {limit}")
    print(f"sequential {sequential:.2f} s, parallel {parallel:.2f} s, "
          f"speedup {sequential / parallel:.2f}")


# Spawned workers import this file again: without the guard each would start a pool of its own.
if __name__ == "__main__":
    main()
