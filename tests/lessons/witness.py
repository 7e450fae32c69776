#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The witness: looks at runs from outside, through /proc, and compares with what they recorded.

Usage: witness.py PATH-OF-MANYHANDS
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

MANYHANDS = sys.argv[1]
# Under the address sanitizer, the leak check at a process's end starts a process of its own, which
# would be seen here and is none of the run's.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
FAILURES = []


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what)
    if not condition:
        FAILURES.append(what)


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def parents():
    """pid -> parent, of all processes."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = read(f"/proc/{entry}/stat")
            fields = stat[stat.rfind(b")") + 1:].split()
            if len(fields) > 1:
                found[int(entry)] = int(fields[1])
    return found


def descendants(root):
    """What runs below `root`, as pid -> command line."""
    parent = parents()
    found = {}
    for pid in parent:
        at = pid
        while at in parent and at != root:
            at = parent[at]
        if at == root and pid != root:
            found[pid] = read(f"/proc/{pid}/cmdline").replace(b"\0", b" ").decode()
    return found


def cpu_seconds(pid):
    """On-CPU time by the scheduler's own count, or None once it has gone."""
    fields = read(f"/proc/{pid}/schedstat").split()
    return int(fields[0]) / 1e9 if fields else None


class Watched:
    """A run, watched from outside until it ends."""

    def __init__(self, words, prefix=()):
        self.folder = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.folder.name, "run.manyhands.json")
        self.process = subprocess.Popen(
            [*prefix, MANYHANDS, "run", "prime_counting", *words, "--json", "--save", self.file],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.seen = {}
        self.cpu = {}

    def look(self):
        for pid, command in descendants(self.process.pid).items():
            if "manyhands-lesson" in command and "--describe" not in command:
                self.seen[pid] = command
        for pid in self.seen:
            seconds = cpu_seconds(pid)
            if seconds:
                self.cpu[pid] = seconds

    def workers(self):
        return [pid for pid, command in self.seen.items() if "--worker=" in command]

    def watch_until(self, condition):
        while self.process.poll() is None and not condition():
            self.look()
            time.sleep(0.001)

    def end(self):
        """Watches to the end; returns the printed and the saved run."""
        import threading
        printed = []
        reader = threading.Thread(target=lambda: printed.append(self.process.stdout.read()))
        reader.start()
        self.watch_until(lambda: False)
        reader.join()
        self.errors = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        with open(self.file, encoding="utf-8") as file:
            return json.loads(printed[0]), json.load(file)


def nobody_is_left(watched):
    time_out = time.monotonic() + 10
    while time.monotonic() < time_out:
        left = [pid for pid in watched.seen
                if b"manyhands-lesson" in read(f"/proc/{pid}/cmdline")]
        if not left:
            return True
        time.sleep(0.01)
    return False


def three_workers():
    watched = Watched(["workers=3", "limit=6000000"])
    run, saved = watched.end()
    check(watched.process.returncode == 0, "three workers: the run ends with 0")
    recorded = {one["pid"] for one in run["processes"]}
    check(set(watched.seen) == recorded,
          f"the pids seen in /proc are those recorded: {sorted(watched.seen)}")
    check({event["pid"] for event in saved["traceEvents"] if event["ph"] == "B"} == recorded,
          "the saved file has states of the same pids")
    for one in run["processes"]:
        if one["role"] != "worker":
            continue
        seen = watched.cpu[one["pid"]]
        apart = abs(seen - one["cpu_s"])
        check(apart <= max(0.05 * one["cpu_s"], 0.02),
              f"{one['name']}: {one['cpu_s']:.3f} CPU seconds recorded, {seen:.3f} seen")
    by_worker = run["result"]["by_worker"]
    check({one["pid"] for one in by_worker} <= set(watched.workers()),
          "primes were found by the workers seen")
    check(sum(one["primes"] for one in by_worker) == 412849, "their primes add up to pi(6000000)")
    check(nobody_is_left(watched), "three workers: nobody is left")


def one_worker():
    # Not watched: looking through /proc takes the CPU that is to be free.
    run = json.loads(subprocess.run(
        [MANYHANDS, "run", "prime_counting", "workers=1", "limit=6000000", "--json"],
        stdout=subprocess.PIPE, check=True).stdout)
    worker = [one for one in run["processes"] if one["role"] == "worker"][0]
    check(abs(worker["busy_s"] - worker["cpu_s"]) <= 0.1 * worker["cpu_s"],
          f"one worker: {worker['busy_s']:.3f} s computing, {worker['cpu_s']:.3f} CPU seconds")
    check(run["budget"]["unexplained"] <= 0.1 * run["budget"]["total"],
          f"one worker: {run['budget']['unexplained']:.3f} s unexplained of {run['budget']['total']:.3f}")


def killed_from_outside():
    watched = Watched(["workers=3", "limit=15000000"])
    watched.watch_until(lambda: len(watched.workers()) == 3)
    victim = sorted(watched.workers())[1]
    # In the middle of its work: it has used some CPU by now.
    watched.watch_until(lambda: watched.cpu.get(victim, 0) > 0.1)
    os.kill(victim, signal.SIGKILL)
    run, _ = watched.end()
    check(watched.process.returncode == 1, "killed: the run ends with 1")
    killed = {one["pid"] for one in run["processes"] if one["exit"] == -signal.SIGKILL}
    check(killed == {victim}, f"killed: the recorded death is that of {victim}, and no other")
    lost = [one for one in run["failures"] if one["kind"] == "signal"]
    check(len(lost) == 1 and lost[0]["pid"] == victim and lost[0]["value"] == signal.SIGKILL
          and lost[0]["task"] is not None, f"killed: reported with its task: {lost}")
    check(nobody_is_left(watched), "killed: nobody is left")


def stopped_from_outside():
    watched = Watched(["workers=3", "limit=15000000"])
    watched.watch_until(lambda: len(watched.workers()) == 3)
    victim = sorted(watched.workers())[1]
    watched.watch_until(lambda: watched.cpu.get(victim, 0) > 0.1)
    os.kill(victim, signal.SIGSTOP)
    time.sleep(0.4)
    os.kill(victim, signal.SIGCONT)
    run, saved = watched.end()
    check(watched.process.returncode == 0, "stopped: the run goes on and ends with 0")
    check(0.35 <= run["budget"]["stopped"] <= 1.0,
          f"stopped: {run['budget']['stopped']:.3f} s in the budget")
    stops = {event["pid"] for event in saved["traceEvents"] if event.get("name") == "stopped"}
    check(stops == {victim}, f"stopped: drawn in the lane of {victim}, and no other: {stops}")


def one_cpu():
    run, _ = Watched(["workers=2", "limit=1000000"], prefix=["taskset", "-c", "0"]).end()
    check(run["machine"]["usable_cpus"] == 1, "taskset: one CPU is usable")
    check("oversubscribed" in run["marks"], "taskset: marked oversubscribed")


for test in (three_workers, one_worker, killed_from_outside, stopped_from_outside, one_cpu):
    test()
print(f"{len(FAILURES)} failed")
sys.exit(1 if FAILURES else 0)
