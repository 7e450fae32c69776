# SPDX-License-Identifier: MIT
"""What single steps of multiprocessing take: one JSON object, microseconds by name, is printed or
written into a file.

Usage: python3 python_traced.py [FILE]

Run as it is and by `manyhands watch`, it tells what the tracer adds to each.
"""
import json
import multiprocessing
import statistics
import sys
import time


def per_step(steps, work, rounds=5):
    """The median of some rounds, without a first one that does not count."""
    samples = []
    for _ in range(rounds + 1):
        begin = time.perf_counter()
        work(steps)
        samples.append((time.perf_counter() - begin) * 1e6 / steps)
    return statistics.median(samples[1:])


def same(number):
    return number


def answer(connection):
    for message in iter(connection.recv, None):
        connection.send(message)


def put_all(messages, count):
    for number in range(count):
        messages.put(number)


def lock_steps(lock):
    def work(steps):
        for _ in range(steps):
            with lock:
                pass
    return work


def value_steps(value):
    def work(steps):
        for _ in range(steps):
            value.value = 1
    return work


def state_steps(semaphore):
    def work(steps):
        for _ in range(steps):
            semaphore.acquire(timeout=0)
    return work


def pipe_steps(connection):
    def work(steps):
        for number in range(steps):
            connection.send(number)
            connection.recv()
    return work


def queue_steps(steps):
    messages = multiprocessing.Queue()
    process = multiprocessing.Process(target=put_all, args=(messages, steps))
    process.start()
    for _ in range(steps):
        messages.get()
    process.join()


def map_steps(pool, chunk):
    def work(steps):
        pool.map(same, range(steps), chunksize=chunk)
    return work


def call_steps(pool):
    def work(steps):
        for number in range(steps):
            pool.apply(same, (number,))
    return work


def start_steps(method):
    context = multiprocessing.get_context(method)

    def work(steps):
        for _ in range(steps):
            process = context.Process(target=same, args=(1,))
            process.start()
            process.join()
    return work


def main():
    multiprocessing.set_start_method("fork")
    here, there = multiprocessing.Pipe()
    echo = multiprocessing.Process(target=answer, args=(there,))
    echo.start()
    figures = {
        "lock taken and released": per_step(100_000, lock_steps(multiprocessing.Lock())),
        "value assigned": per_step(50_000, value_steps(multiprocessing.Value("i", 0))),
        "a state (two events)": per_step(20_000, state_steps(multiprocessing.Semaphore(0))),
        "pipe round trip": per_step(5_000, pipe_steps(here)),
        "queue message, 1 to 1": per_step(10_000, queue_steps),
        "process, fork": per_step(20, start_steps("fork")),
        "process, spawn": per_step(4, start_steps("spawn"), 3),
    }
    here.send(None)
    echo.join()
    with multiprocessing.Pool(2) as pool:
        figures["pool.map, a task a chunk"] = per_step(10_000, map_steps(pool, 1))
        figures["pool.map, 500 tasks a chunk"] = per_step(200_000, map_steps(pool, 500))
        figures["pool.apply"] = per_step(1_000, call_steps(pool))
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w") as file:
            json.dump(figures, file)
    else:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
