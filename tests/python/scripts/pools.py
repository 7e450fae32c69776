# SPDX-License-Identifier: MIT
"""Pools: all calls, failing tasks, functions of the library."""
import multiprocessing
import multiprocessing.pool
import sys
import time


def square(number):
    return number * number


def add(first, second):
    return first + second


def slow(number):
    time.sleep(0.002)
    return number


def fail(number):
    raise ValueError("task %d fails" % number)


def begin(text):
    global greeting
    greeting = text


def greet(number):
    return greeting, number


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2, begin, ("hello",)) as pool:
        print(pool.map(square, range(16), 4))
        print(pool.starmap(add, [(1, 2), (3, 4)], 1))
        print(pool.apply(square, (5,)), pool.apply(greet, (1,)))
        calls = [pool.apply_async(slow, (number,)) for number in range(4)]
        print([call.get() for call in calls], calls[0].successful())
        print(list(pool.imap(square, range(5))), sorted(pool.imap_unordered(square, range(6), 2)))
        print(pool.map_async(abs, [-1, -2]).get(10))
        try:
            pool.map(fail, [3])
        except ValueError as error:
            print(error, type(error.__cause__).__name__)
        try:
            pool.apply_async(slow, (1,)).get(timeout=0)
        except multiprocessing.TimeoutError as error:
            print(repr(error))
        pool.close()
        pool.join()
    with multiprocessing.pool.ThreadPool(2) as threads:
        print(threads.map(square, range(3)))
