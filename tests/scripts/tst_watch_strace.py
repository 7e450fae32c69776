# SPDX-License-Identifier: MIT
"""Watches the lessons' own Python programs while strace follows them, and compares: the same
processes, the same order of their starts and ends, the same exit codes.

Usage: tst_watch_strace.py MANYHANDS PROJECT
"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

PYTHON = "/usr/bin/python3"
SIZES = {
    "chunked_processing": [],
    "prime_counting": ["20000", "2"],
    "producer_consumer": [],
    "shared_counter": ["200", "2"],
}
# Two moments that lie closer together than this may be told in either order: a look at a process
# takes its turn among the others of the machine.
UNSURE_S = 0.25

STARTED = re.compile(
    r"^(\d+) +([\d.]+) (?:clone3?|fork|vfork)\(.*= (\d+)(?: => .*)?$|"
    r"^(\d+) +([\d.]+) <\.\.\. (?:clone3?|fork|vfork) resumed>.*= (\d+)(?: => .*)?$")
ENDED = re.compile(r"^(\d+) +([\d.]+) \+\+\+ (?:exited with (\d+)|killed by (\w+)).*\+\+\+$")


def seen_by_strace(log):
    """Processes, not their threads: {pid: (start, end, exit)}; the first one has no start."""
    threads, starts, found, first = set(), {}, {}, None
    begun = {}
    for line in log.splitlines():
        pid = int(line.split(None, 1)[0])
        first = first or pid
        if "unfinished" in line:  # only calls that start something are traced
            begun[pid] = "CLONE_THREAD" in line
        started = STARTED.match(line)
        if started:
            parent = int(started[1] or started[4])
            child = int(started[3] or started[6])
            starts[child] = float(started[2] or started[5])
            if "CLONE_THREAD" in line or (started[4] and begun.get(parent)):
                threads.add(child)
        ended = ENDED.match(line)
        if ended and pid not in threads:
            code = int(ended[3]) if ended[3] else -signal.Signals[ended[4]].value
            found[pid] = (starts.get(pid, 0.0), float(ended[2]), code)
    return first, found


def in_same_order(pids, of_watch, of_strace, what):
    wrong = []
    for one in pids:
        for other in pids:
            if of_strace[one] + UNSURE_S < of_strace[other] and of_watch[one] > of_watch[other]:
                wrong.append(f"{what} of {one} is told behind that of {other}")
    return wrong


def check(manyhands, program, arguments):
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "strace"
        done = subprocess.run(
            [manyhands, "watch", "--json", "--", "strace", "-f", "-ttt", "-o", str(log),
             "-e", "trace=clone,clone3,fork,vfork",
             PYTHON, str(program), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=250, check=False)
        if done.returncode != 0:
            return [f"ended with {done.returncode}: {done.stderr[-500:]}"]
        watched = {one["pid"]: one for one in json.loads(done.stdout)["processes"]}
        first, straced = seen_by_strace(log.read_text())
    problems = [f"{pid} was not seen" for pid in straced if pid not in watched]
    others = [one["name"] for pid, one in watched.items() if pid not in straced]
    if set(others) != {"strace"}:  # it tries the machine by a process of its own
        problems.append(f"besides the program, {others} were seen")
    both = [pid for pid in straced if pid in watched]
    for pid in both:
        if watched[pid]["exit"] not in (straced[pid][2], None):
            problems.append(f"{pid} ended with {straced[pid][2]}, not {watched[pid]['exit']}")
    started = [pid for pid in both if pid != first]
    problems += in_same_order(started, {pid: watched[pid]["start_s"] for pid in started},
                              {pid: straced[pid][0] for pid in started}, "the start")
    problems += in_same_order(both, {pid: watched[pid]["end_s"] for pid in both},
                              {pid: straced[pid][1] for pid in both}, "the end")
    if len(straced) < 2:
        problems.append("strace saw no child: nothing was compared")
    return problems


def main():
    manyhands, project = sys.argv[1], pathlib.Path(sys.argv[2])
    failed = False
    for lesson, arguments in SIZES.items():
        problems = check(manyhands, project / "lessons" / lesson / "program.py", arguments)
        print(f"{'FAIL' if problems else 'PASS'} {lesson}")
        for problem in problems:
            print("   ", problem)
        failed = failed or bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
