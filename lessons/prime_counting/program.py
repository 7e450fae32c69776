# SPDX-License-Identifier: MIT
"""Counting primes with a pool: what the C++ program beside this one does, in Python.

Usage: python3 program.py [limit [workers [chunks]]]
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


def ranges(limit, chunks):
    """Equal ranges that cover 0 to limit."""
    return [range((limit + 1) * i // chunks, (limit + 1) * (i + 1) // chunks)
            for i in range(chunks)]


def main():
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else len(os.sched_getaffinity(0))
    chunks = int(sys.argv[3]) if len(sys.argv) > 3 else 64
    tasks = ranges(limit, chunks)

    begin = time.perf_counter()
    alone = sum(map(count_primes, tasks))
    sequential = time.perf_counter() - begin

    begin = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        together = sum(pool.map(count_primes, tasks, chunksize=1))
    parallel = time.perf_counter() - begin

    assert alone == together
    print(f"{together} primes up to {limit}")
    print(f"sequential {sequential:.2f} s, parallel {parallel:.2f} s, "
          f"speedup {sequential / parallel:.2f}")


# Spawned workers import this file again: without the guard each would start a pool of its own.
if __name__ == "__main__":
    main()
