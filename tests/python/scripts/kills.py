# SPDX-License-Identifier: MIT
"""Kills processes while they write events, texts and the numbers of new locks; others go on."""
import multiprocessing
import random
import sys
import time


def write(context, started):
    started.set()
    while True:
        lock = context.Lock()
        for _ in range(10):
            with lock:
                time.sleep(0)
        print("", end="x\n" * 3)


def go_on(context, items):
    for number in range(200):
        context.Lock()
        items.put(number)
    items.close()


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    random.seed(int(sys.argv[1]))
    for round in range(5):
        started, items = context.Event(), context.Queue()
        victims = [context.Process(target=write, args=(context, started)) for _ in range(2)]
        survivor = context.Process(target=go_on, args=(context, items), name="Survivor")
        for process in victims + [survivor]:
            process.start()
        started.wait()
        time.sleep(random.random() * 0.02)
        for victim in victims:
            victim.kill()
        total = sum(items.get() for _ in range(200))
        survivor.join()
        for victim in victims:
            victim.join()
        print(total, survivor.exitcode, [victim.exitcode for victim in victims], file=sys.stderr)
