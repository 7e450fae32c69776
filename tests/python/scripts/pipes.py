# SPDX-License-Identifier: MIT
"""Pipes: both kinds, objects and bytes, large messages, the end of file."""
import multiprocessing
import sys
import time

LARGE = 300_000


def answer(connection):
    print(connection.recv(), flush=True)
    connection.send(["an", "answer"])
    connection.send_bytes(b"x" * LARGE)
    connection.close()


def listen(reader, writer):
    writer.close()
    while True:
        try:
            reader.recv()
        except EOFError:
            print("end of file", flush=True)
            return


if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    here, there = context.Pipe()
    talker = context.Process(target=answer, args=(there,), name="Talker")
    talker.start()
    there.close()
    print(here.poll(0.01))
    here.send({"a": 1})
    print(here.recv(), here.poll(5))
    time.sleep(0.02)
    print(len(here.recv_bytes()))
    talker.join()
    try:
        here.recv()
    except EOFError as error:
        print(repr(error))
    reader, writer = context.Pipe(duplex=False)
    listener = context.Process(target=listen, args=(reader, writer), name="Listener")
    listener.start()
    reader.close()
    for number in range(10):
        writer.send(number)
    writer.close()
    listener.join()
    try:
        writer.send(1)
    except OSError as error:
        print(error)
