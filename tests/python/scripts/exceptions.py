# SPDX-License-Identifier: MIT
"""Exceptions that are told on standard error, with their tracebacks."""
import logging
import multiprocessing
import queue
import sys
import traceback


def fail(number):
    raise ArithmeticError("number %d" % number)


def empty(items):
    items.get(timeout=0.01)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    items = context.Queue()
    for target, argument in ((fail, 1), (empty, items)):
        process = context.Process(target=target, args=(argument,))
        process.start()
        process.join()
        print(process.exitcode)
    try:
        items.get_nowait()
    except queue.Empty:
        traceback.print_exc()
        logging.exception("logged")
    items.put(lambda: 1)  # cannot be pickled: its feeder says so
    items.close()
    items.join_thread()
    with context.Pool(1) as pool:
        try:
            pool.map(fail, [2])
        except ArithmeticError:
            traceback.print_exc()
        pool.apply(fail, (3,))
