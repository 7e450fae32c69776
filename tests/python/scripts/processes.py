# SPDX-License-Identifier: MIT
"""Processes: names, ends of every kind, children of children, daemons."""
import multiprocessing
import sys
import time


def grandchild():
    print("grandchild", multiprocessing.parent_process().name, flush=True)


def child(code):
    if code == 0:
        inner = multiprocessing.Process(target=grandchild, name="Inner")
        inner.start()
        inner.join()
        return
    if code == 4:
        raise LookupError("nothing there")
    sys.exit(code)


class Own(multiprocessing.Process):
    def run(self):
        time.sleep(0.01)
        print("own", self.name, isinstance(self, multiprocessing.Process), flush=True)


def for_ever(started):
    started.set()
    while True:
        time.sleep(10)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    for code in (0, 3, 4):
        process = multiprocessing.Process(target=child, args=(code,), name="Child-%d" % code)
        process.start()
        process.join()
        print(process.name, process.exitcode, process.is_alive(), flush=True)
    own = Own(name="Own")
    own.start()
    own.join()
    started = multiprocessing.Event()
    daemon = multiprocessing.Process(target=for_ever, args=(started,), name="Daemon", daemon=True)
    daemon.start()
    started.wait()
    print(daemon.daemon, daemon.is_alive(), len(multiprocessing.active_children()))
    killed = multiprocessing.Process(target=for_ever, args=(started,), name="Killed")
    killed.start()
    killed.kill()
    killed.join()
    print(killed.exitcode)
    sys.exit(7)
