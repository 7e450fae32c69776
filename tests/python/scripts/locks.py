# SPDX-License-Identifier: MIT
"""Locks and whatever else is waited for like one."""
import multiprocessing
import sys
import time


def hold(lock, taken, enough):
    with lock:
        taken.set()
        enough.wait()
        time.sleep(0.01)


def wait_for_all(event, barrier, condition, semaphore, ready):
    event.wait()
    barrier.wait()
    with condition:
        ready.release()
        condition.wait(30)
    with semaphore:
        time.sleep(0.01)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    lock, rlock = context.Lock(), context.RLock()
    taken, enough = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(lock, taken, enough), name="Holder")
    holder.start()
    taken.wait()
    print(lock.acquire(False), lock.acquire(timeout=0.001))
    enough.set()
    with lock:
        print("mine")
    holder.join()
    with rlock:
        with rlock:
            time.sleep(0.001)
    try:
        rlock.release()
    except AssertionError as error:
        print(error)
    try:
        lock.release()
    except ValueError as error:
        print(error)
    event = context.Event()
    barrier = context.Barrier(2)
    condition = context.Condition()
    semaphore = context.BoundedSemaphore(1)
    ready = context.Semaphore(0)
    waiter = context.Process(target=wait_for_all, name="Waiter",
                             args=(event, barrier, condition, semaphore, ready))
    waiter.start()
    time.sleep(0.02)
    event.set()
    print(barrier.wait() in (0, 1), event.is_set())
    ready.acquire()
    with condition:
        condition.notify_all()
    waiter.join()
    print(semaphore.get_value(), condition.wait_for(lambda: True))
