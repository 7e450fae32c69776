# SPDX-License-Identifier: MIT
"""Watches the lessons' own Python programs while strace follows them, and compares: the same
processes, the same order of their starts and ends, the same exit codes, and the same messages and
bytes through each pipe of multiprocessing.

Usage: tst_watch_strace.py MANYHANDS PROJECT
"""
import collections
import csv
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
CALL = re.compile(r"^(\d+) +[\d.]+ (read|write)\(\d+<([^>]*)>, (.*)$")
RESUMED = re.compile(r"^(\d+) +[\d.]+ <\.\.\. (read|write) resumed>(.*)$")
CONTENT = re.compile(r'^"([^"]*)".* = (\d+)$')


class Messages:
    """What one direction of a pipe carries, as multiprocessing writes it: each message behind its
    length, four bytes in the order of the network (multiprocessing.connection.Connection)."""

    def __init__(self):
        self.count, self.bytes, self.rest, self.framed = 0, 0, 0, True

    def add(self, first, size):
        if self.rest:
            self.rest -= size
        else:
            length = int.from_bytes(first, "big", signed=True)
            self.count, self.bytes, self.rest = self.count + 1, self.bytes + length, length + 4 - size
        # Others write to pipes too: subprocess's pickles, the resource tracker's lines.
        self.framed = self.framed and len(first) == 4 and self.rest >= 0

    def totals(self):
        return (self.count, self.bytes) if self.framed and not self.rest else None


def piped(log):
    """(messages, bytes) sent and received through each pipe of messages, as two counters."""
    pipes = collections.defaultdict(Messages)
    begun = {}
    for line in log.splitlines():
        call = CALL.match(line)
        if call:
            begun[call[1]] = bytes.fromhex(call[3].replace("\\x", "")).decode()
        else:
            call = RESUMED.match(line)
        if not call or call[0].endswith("<unfinished ...>"):
            # A write that waits tells its bytes at once, a read when it returns.
            text = call and call[2] == "write" and re.search(r'"([^"]*)"', call[4])
            if text:
                begun[call[1], "content"] = text[1]
            continue
        end = begun.get(call[1], "")
        rest = call[call.lastindex].lstrip()
        content = CONTENT.match(rest)
        size = re.search(r" = (\d+)$", rest)
        if not end.startswith("pipe:") or not size or size[1] == "0":
            continue
        text = content[1] if content else begun.pop((call[1], "content"))
        pipes[end, call[2]].add(bytes.fromhex(text.replace("\\x", "")), int(size[1]))
    found = {"read": collections.Counter(), "write": collections.Counter()}
    for (_, call), messages in pipes.items():
        # A pool wakes its own thread by a None of 4 bytes, which is nobody's message.
        if messages.totals() and messages.bytes != 4 * messages.count:
            found[call][messages.totals()] += 1
    return found["write"], found["read"]


def told(table):
    """The same of the channels that watch tells of."""
    sent, received = collections.Counter(), collections.Counter()
    for row in csv.DictReader(table.splitlines()):
        if row["kind"] == "calls":  # of processes that nothing traces
            continue
        for counter, way in (sent, "sent"), (received, "received"):
            counter[int(row[f"{way}_messages"]), int(row[f"{way}_bytes"])] += 1
    return sent, received


def seen_by_strace(log):
    """Processes, not their threads: {pid: (start, end, exit)}; the first one has no start."""
    threads, starts, found, first = set(), {}, {}, None
    begun = {}
    for line in log.splitlines():
        pid = int(line.split(None, 1)[0])
        first = first or pid
        if "unfinished" in line:  # a thread has one at a time
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
        log, table = pathlib.Path(folder) / "strace", pathlib.Path(folder) / "channels.csv"
        done = subprocess.run(
            [manyhands, "watch", "--json", "--csv", f"channels={table}", "--",
             "strace", "-f", "-ttt", "-yy", "-xx", "-s", "4", "-o", str(log),
             "-e", "trace=clone,clone3,fork,vfork,read,write", PYTHON, str(program), *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=250, check=False)
        if done.returncode != 0:
            return [f"ended with {done.returncode}: {done.stderr[-500:]}"]
        lanes = json.loads(done.stdout)["processes"]
        watched = {one["pid"]: one for one in lanes}
        straces_words = log.read_text()
        first, straced = seen_by_strace(straces_words)
        of_strace, of_watch = piped(straces_words), told(table.read_text())
    problems = [f"{pid} was not seen" for pid in straced if pid not in watched]
    if len(lanes) > len(watched):
        problems.append(f"{len(lanes)} lanes are shown for {len(watched)} processes")
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
    for way, one, other in zip(("sent", "received"), of_strace, of_watch):
        if one != other:
            problems.append(f"(messages, bytes) {way} by pipe were {dict(one)}, told {dict(other)}")
    if not of_strace[0] and program.parent.name != "shared_counter":  # that shares memory instead
        problems.append("strace saw no message: no bytes were compared")
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
