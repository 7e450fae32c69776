# SPDX-License-Identifier: MIT
"""The shared counter: what the C++ program beside this one does, in Python.

Usage: python3 program.py [increments [workers [batch_size]]]

Without a lock, with a lock for each increment, with a lock for each batch. Python has no atomic
addition to shared memory.
"""
import multiprocessing
import os
import sys
import time


def part_of(increments, worker, workers):
    """A worker's part; the parts differ by one where they do not divide."""
    return increments * (worker + 1) // workers - increments * worker // workers


def start_together(arrived, workers):
    """Waits at the start line: spins, since who sleeps is woken later than the others."""
    with arrived.get_lock():
        arrived.value += 1
    while arrived.value < workers:
        pass


def add_plainly(number, times):
    for _ in range(times):
        seen = number.value      # load
        number.value = seen + 1  # add and store: what others stored meanwhile is lost


def add_under_lock(number, times, batch):
    while times > 0:
        with number.get_lock():
            add_plainly(number.get_obj(), min(times, batch))
        times -= batch


def work(number, arrived, workers, times, batch):
    start_together(arrived, workers)
    if batch == 0:
        # get_obj() is the number without its lock: else each access would take that.
        add_plainly(number.get_obj(), times)
    else:
        add_under_lock(number, times, batch)


def count(context, increments, workers, batch):
    """Returns what the number is in the end, and the seconds that it took."""
    number = context.Value("q", 0)
    arrived = context.Value("i", 0)
    processes = [
        context.Process(target=work, args=(number, arrived, workers,
                                           part_of(increments, worker, workers), batch))
        for worker in range(workers)]
    begin = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return number.value, time.perf_counter() - begin


def main():
    increments = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else max(2, min(4, len(os.sched_getaffinity(0))))
    batch_size = int(sys.argv[3]) if len(sys.argv) > 3 else 1000
    context = multiprocessing.get_context("spawn")
    for name, batch in [("none", 0), ("lock", 1), ("lock_per_batch", batch_size)]:
        final, seconds = count(context, increments, workers, batch)
        print(f"{name:14}: {final} of {increments}, {increments - final} lost, {seconds:.2f} s")
        assert name == "none" or final == increments


# Spawned workers import this file again: without the guard each would start workers of its own.
if __name__ == "__main__":
    main()
