# SPDX-License-Identifier: MIT
"""Producers and consumers with a queue between them: what the C++ program beside this one does, in
Python.

Usage: python3 program.py [variant [producers [consumers [queue_size [items]]]]]
where variant is sentinel, too_many_sentinels, timeout or unbounded.
"""
import multiprocessing
import queue
import sys
import time

VARIANTS = ("sentinel", "too_many_sentinels", "timeout", "unbounded")
PRODUCE_STEPS = 2_000
CONSUME_STEPS = 6_000
TIMEOUT = 1.0  # seconds; only for the variant of that name
GLANCE = 0.05  # seconds after which the main process looks around


def spend(steps):
    """The cost of an item: always the same work."""
    number = 1
    for _ in range(steps):
        number = (number * 5 + 1) % 65_521
    return number


def produce(items, name, mine, sentinels):
    for item in mine:
        spend(PRODUCE_STEPS)
        items.put((name, item))
    for _ in range(sentinels):
        items.put(None)


def consume(items, used, timeout):
    mine = []
    while True:
        try:
            message = items.get(timeout=timeout)
        except queue.Empty:
            break
        if message is None:
            break
        spend(CONSUME_STEPS)
        mine.append(message[1])
    used.put(mine)


def clear(items, patience):
    """Takes out what nobody wants any more."""
    found = []
    try:
        while True:
            message = items.get(timeout=patience)
            if message is not None:
                found.append(message[1])
    except queue.Empty:
        return found


def main():
    words = sys.argv[1:]
    variant = words[0] if words else "sentinel"
    if variant not in VARIANTS:
        sys.exit(f"variant {variant} is not known (allowed: {', '.join(VARIANTS)})")
    numbers = [int(word) for word in words[1:]]
    producers, consumers, size, count = numbers + [2, 2, 10, 400][len(numbers):]

    context = multiprocessing.get_context("spawn")
    items = context.Queue(0 if variant == "unbounded" else size)
    used = context.Queue()
    by_producers = consumers if variant == "too_many_sentinels" else 0
    timeout = TIMEOUT if variant == "timeout" else None
    makers = [context.Process(target=produce, name=f"Producer-{i + 1}",
                              args=(items, i, range(i, count, producers), by_producers))
              for i in range(producers)]
    users = [context.Process(target=consume, name=f"Consumer-{i + 1}",
                             args=(items, used, timeout))
             for i in range(consumers)]

    begin = time.perf_counter()
    for process in makers + users:
        process.start()
    left = []

    def help_out():
        """Where all consumers have gone, somebody must make space, or others wait for ever."""
        if not any(user.is_alive() for user in users):
            left.extend(clear(items, GLANCE))

    for maker in makers:
        while maker.is_alive():
            maker.join(GLANCE)
            help_out()
    sentinels = 0 if variant == "timeout" else consumers
    while sentinels > 0:
        try:
            items.put(None, timeout=GLANCE)
            sentinels -= 1
        except queue.Full:
            help_out()
    out = [item for _ in users for item in used.get()]
    for user in users:
        user.join()
    left += clear(items, GLANCE)
    seconds = time.perf_counter() - begin

    print(f"items in: {count}, items out: {len(out)}, left in the queue: {len(left)}")
    if left:
        print("lost:", *sorted(left))
    print(f"{len(out) / seconds:.0f} items a second, {seconds:.2f} s")
    assert sorted(out + left) == list(range(count))


# Spawned processes import this file again: without the guard each would start processes of its own.
if __name__ == "__main__":
    main()
