# SPDX-License-Identifier: MIT
"""A manager and its proxies."""
import multiprocessing
import sys


def use(words, numbers, lock):
    for number in range(3):
        with lock:
            words[number] = "x" * number
            numbers.append(number)


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with context.Manager() as manager:
        words, numbers, lock = manager.dict(), manager.list([7]), manager.Lock()
        process = context.Process(target=use, args=(words, numbers, lock), name="User")
        process.start()
        process.join()
        print(dict(words), list(numbers), len(words))
        try:
            words["none"]
        except KeyError as error:
            print(repr(error))
