# SPDX-License-Identifier: MIT
"""Queues of all three kinds: full ones, empty ones, sentinels."""
import multiprocessing
import queue
import sys
import time


def produce(items):
    for number in range(20):
        items.put(number)
    items.put(None)


def consume(items, results, silent, full):
    try:
        silent.get(timeout=0.01)
    except queue.Empty:
        full.wait()
    total = 0
    for number in iter(items.get, None):
        total += number
        time.sleep(0.001)
    results.put(total)


def work(jobs):
    while True:
        jobs.get()
        jobs.task_done()


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    items = context.Queue(2)
    results = context.SimpleQueue()
    jobs = context.JoinableQueue()
    silent = context.Queue()
    full = context.Event()
    processes = [context.Process(target=produce, args=(items,), name="Producer"),
                 context.Process(target=consume, name="Consumer",
                                 args=(items, results, silent, full)),
                 context.Process(target=work, args=(jobs,), name="Worker", daemon=True)]
    for process in processes:
        process.start()
    while not items.full():
        time.sleep(0.01)
    time.sleep(0.05)
    full.set()
    for number in range(5):
        jobs.put({"number": number})
    jobs.join()
    print(results.get(), results.empty())
    for process in processes[:2]:
        process.join()
    try:
        items.get(timeout=0.01)
    except queue.Empty:
        print("empty", items.empty(), items.qsize())
    try:
        items.get_nowait()
    except queue.Empty as error:
        print(repr(error))
    items.put(1)
    items.put(2)
    try:
        items.put(3, False)
    except queue.Full as error:
        print(repr(error), items.full())
    print(items.get(), items.get())
    items.close()
    items.join_thread()
