# SPDX-License-Identifier: MIT
"""Figures of Python's multiprocessing, the peer of ours: prints one JSON object.

Usage: python3 python_peer.py FIGURE
"""
import json
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path

# The lesson's own Python, so that the peer counts by the very rule that the lesson shows.
# Nothing is compiled into that folder, by us or by the processes that we start.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lessons" / "prime_counting"))
from program import count_primes  # noqa: E402


def quartiles(samples):
    first, median, third = statistics.quantiles(samples, n=4, method="inclusive")
    return {"first_quartile": first, "median": median, "third_quartile": third}


def announce(connection):
    connection.send_bytes(b"r")


def start_once(context):
    """Microseconds from the start of a process to its first byte in its parent's hands."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=announce, args=(theirs,))
    begin = time.perf_counter()
    process.start()
    ours.recv_bytes()
    seconds = time.perf_counter() - begin
    process.join()
    ours.close()
    theirs.close()
    return seconds * 1e6


def starts(method):
    context = multiprocessing.get_context(method)
    start_once(context)
    return quartiles([start_once(context) for _ in range(20)])


def add(lock, number, line, additions, times):
    line.wait()
    begin = time.perf_counter()
    for _ in range(additions):
        with lock:
            number.value += 1
    times.put((begin, time.perf_counter()))


def lock_rate(additions):
    """Million additions a second of two processes under one lock."""
    number = multiprocessing.RawValue("Q", 0)
    lock, line = multiprocessing.Lock(), multiprocessing.Barrier(2)
    times = multiprocessing.SimpleQueue()
    workers = [
        multiprocessing.Process(target=add, args=(lock, number, line, additions, times))
        for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    begins, ends = zip(*(times.get() for _ in workers))
    for worker in workers:
        worker.join()
    assert number.value == 2 * additions
    return 2 * additions / (max(ends) - min(begins)) / 1e6


def lock():
    lock_rate(1000)
    return quartiles([lock_rate(200_000) for _ in range(5)])


def send_back(connection):
    try:
        while True:
            connection.send_bytes(connection.recv_bytes())
    except EOFError:
        pass


def round_trips(ours, count=2_000):
    """Microseconds a byte takes there and back."""
    begin = time.perf_counter()
    for _ in range(count):
        ours.send_bytes(b"x")
        ours.recv_bytes()
    return (time.perf_counter() - begin) * 1e6 / count


def pipe():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=send_back, args=(theirs,))
    process.start()
    theirs.close()
    round_trips(ours)
    samples = [round_trips(ours) for _ in range(7)]
    ours.close()
    process.join()
    return quartiles(samples)


def same(number):
    return number


def map_once(pool, items):
    """Millions of tasks a second, one by one."""
    begin = time.perf_counter()
    assert pool.map(same, items, chunksize=1) == items
    return len(items) / (time.perf_counter() - begin) / 1e6


def map_tasks():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        items = list(range(20_000))
        map_once(pool, items)
        return quartiles([map_once(pool, items) for _ in range(5)])


def stream_once(pool, items):
    """Millions of tasks a second, handed out in order."""
    begin = time.perf_counter()
    assert list(pool.imap(same, items)) == items
    return len(items) / (time.perf_counter() - begin) / 1e6


def imap_tasks():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        items = list(range(20_000))
        stream_once(pool, items)
        return quartiles([stream_once(pool, items) for _ in range(5)])


def apply_often(pool, calls=500):
    """Microseconds a call."""
    begin = time.perf_counter()
    for number in range(calls):
        pool.apply(same, (number,))
    return (time.perf_counter() - begin) * 1e6 / calls


def apply():
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        apply_often(pool)
        return quartiles([apply_often(pool) for _ in range(7)])


def access_often(shared, accesses=1000):
    """Microseconds an access."""
    begin = time.perf_counter()
    for number in range(accesses):
        shared[0] = number
    return (time.perf_counter() - begin) * 1e6 / accesses


def manager():
    with multiprocessing.Manager() as server:
        shared = server.dict()
        access_often(shared)
        return quartiles([access_often(shared) for _ in range(7)])


def speedup(ranges):
    """Of a spawned pool of two, its start and its end counted, over one process alone."""
    begin = time.perf_counter()
    alone = sum(map(count_primes, ranges))
    middle = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        together = sum(pool.map(count_primes, ranges, chunksize=1))
        pool.close()
        pool.join()
    end = time.perf_counter()
    assert alone == together
    return (middle - begin) / (end - middle)


def primes():
    # Long enough alone, a second or two, for its start not to be all that is measured.
    limit, chunks = 600_000, 64
    ranges = [range(limit * i // chunks, limit * (i + 1) // chunks) for i in range(chunks)]
    return quartiles([speedup(ranges) for _ in range(3)])


def put_all(messages, count):
    for _ in range(count):
        messages.put(b"x" * 64)


def queue_once(count):
    """Millions of messages of 64 bytes a second from one process to one."""
    context = multiprocessing.get_context("spawn")
    messages = context.Queue(1024)
    process = context.Process(target=put_all, args=(messages, count))
    process.start()
    messages.get()
    begin = time.perf_counter()
    for _ in range(count - 1):
        messages.get()
    seconds = time.perf_counter() - begin
    process.join()
    return count / seconds / 1e6


def queue():
    return quartiles([queue_once(100_000) for _ in range(5)])


if __name__ == "__main__":
    figures = {
        "spawn": lambda: starts("spawn"),
        "fork": lambda: starts("fork"),
        "forkserver": lambda: starts("forkserver"),
        "lock": lock,
        "apply": apply,
        "manager": manager,
        "map": map_tasks,
        "pipe": pipe,
        "imap": imap_tasks,
        "queue": queue,
        "primes": primes,
    }
    print(json.dumps(figures[sys.argv[1]]()))
