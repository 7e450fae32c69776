# SPDX-License-Identifier: MIT
"""A strict check of a run file against the rules that viewers of Chrome traces go by."""
import json
import re

DIGITS = re.compile(r'"ts":(?P<ts>[^,}]*)')
TIME = re.compile(r"(0|[1-9][0-9]*)\.[0-9]{3}")
HEXADECIMAL = re.compile(r"0x(0|[1-9a-f][0-9a-f]*)")
MEMBERS = {
    "M": {"args"},
    "B": {"cat", "ts"},
    "E": {"ts"},
    "i": {"cat", "ts", "s", "args"},
    "s": {"cat", "ts", "id", "args"},
    "f": {"cat", "ts", "id", "bp", "args"},
    "b": {"cat", "ts", "id", "args"},
    "e": {"cat", "ts", "id"},
    "C": {"cat", "ts", "args"},
}
ABOUT = {"task", "channel", "lock", "gate", "subject", "place", "open"}  # of a "B"


class Wrong(Exception):
    """A rule that a file breaks."""


def demand(condition, what):
    if not condition:
        raise Wrong(what)


def unique(pairs):
    keys = [key for key, _ in pairs]
    demand(len(keys) == len(set(keys)), f"a key stands there twice: {keys}")
    return dict(pairs)


def events_of(text):
    """The events, each from its own line, with its moment in nanoseconds as `ns`."""
    whole = json.loads(text, object_pairs_hook=unique)
    demand(list(whole) == ["displayTimeUnit", "otherData", "traceEvents", "manyhandsResults"],
           "the file has other members, or in another order")
    demand(whole["displayTimeUnit"] == "ms", "displayTimeUnit is not ms")
    begin = text.index('"traceEvents":[\n') + len('"traceEvents":[\n')
    lines = text[begin:text.index('\n],"manyhandsResults"')].split(",\n")
    events = [json.loads(line) for line in lines]
    demand(events == whole["traceEvents"], "not one event a line")
    for event, line in zip(events, lines):
        kind = event.get("ph")
        demand(kind in MEMBERS, f"a kind of event that is none of ours: {line}")
        members = set(event) - {"ph", "name", "pid", "tid"}
        allowed = MEMBERS[kind] | (ABOUT if kind == "B" else set())
        demand(MEMBERS[kind] <= members <= allowed, f"members that are wrong: {line}")
        demand(event["pid"] >= 0 and event["tid"] >= 0, f"no pid and tid: {line}")
        if kind != "M":
            digits = DIGITS.search(line)["ts"]
            demand(TIME.fullmatch(digits), f"ts is not N.NNN: {line}")
            event["ns"] = int(digits.replace(".", ""))
        if "id" in event:
            demand(HEXADECIMAL.fullmatch(event["id"]), f"id is no hexadecimal number: {line}")
        demand(event.get("s", "t") == "t" and event.get("bp", "e") == "e", f"scope: {line}")
    return whole, events


def check_names(events):
    """Every process and thread is named and numbered in our order; returns lanes by track."""
    names = {}
    for event in events:
        if event["ph"] == "M":
            names.setdefault(event["name"], []).append(event)
    lanes = names["manyhands_lane"]
    tracks = [(lane["pid"], lane["tid"]) for lane in lanes]
    demand(len(set(tid for _, tid in tracks)) == len(tracks), "two lanes have one tid")
    demand([lane["args"]["index"] for lane in lanes] == list(range(len(lanes))), "lanes' order")
    for kind, of_track in (("thread", tracks), ("process", list(dict(tracks)))):
        track = (lambda event: (event["pid"], event["tid"])) if kind == "thread" else (
            lambda event: event["pid"])
        named = names[kind + "_name"]
        ordered = names[kind + "_sort_index"]
        demand([track(event) for event in named] == of_track, f"not every {kind} is named once")
        demand([track(event) for event in ordered] == of_track, f"not every {kind} has an order")
        for name, order in zip(named, ordered):
            demand(name["args"]["name"].startswith(f"P{order['args']['sort_index']} "),
                   f"names do not sort as lanes: {name}")
    for lane in lanes:
        if lane["args"]["pid"] == lane["tid"]:
            demand(lane["pid"] == lane["tid"], "tid is pid where the pid is a lane's alone")
    return dict(zip(tracks, lanes))


def check_states(events, lanes):
    """Strictly nested on each track, in the order of time; returns spans by track."""
    open_states = {track: [] for track in lanes}
    last = {track: 0 for track in lanes}
    spans = {track: 0 for track in lanes}
    for event in events:
        if event["ph"] not in "BE":
            continue
        track = (event["pid"], event["tid"])
        demand(event["ns"] >= last[track], f"time runs backwards: {event}")
        last[track] = event["ns"]
        if event["ph"] == "B":
            demand(event["cat"] == "state", f"category: {event}")
            open_states[track].append(event["name"])
            spans[track] += 1
        else:
            demand(open_states[track] and open_states[track].pop() == event["name"],
                   f"an end that fits no begin: {event}")
    demand(not any(open_states.values()), "a state does not end")
    for track, lane in lanes.items():
        demand(lane["args"]["spans"] == spans[track], f"{lane} has {spans[track]} spans")
    return spans


class Node:
    """A frame of a call tree."""

    def __init__(self, name):
        self.name = name
        self.last_child = None
        self.lasts = False


def frames_by_time(events, lanes):
    """What a viewer of call trees counts on each track: spans without a length leave no trace, and
    one that begins where another of its name ends goes on with it."""
    stacks = {track: [Node("")] for track in lanes}
    nodes = {track: [] for track in lanes}
    last = {track: 0 for track in lanes}
    for event in events:
        if event["ph"] not in "BE":
            continue
        track = (event["pid"], event["tid"])
        stack = stacks[track]
        if event["ns"] > last[track]:
            for node in stack:
                node.lasts = True
            stack[-1].last_child = None
            last[track] = event["ns"]
        if event["ph"] == "E":
            stack.pop()
            continue
        child = stack[-1].last_child
        if child is None or child.name != event["name"]:
            child = stack[-1].last_child = Node(event["name"])
            nodes[track].append(child)
        stack.append(child)
    return {track: sum(node.lasts for node in nodes[track]) for track in lanes}


def check_arrows(events, lanes):
    """As Perfetto does: by time, of one moment in the file's order; an arrow's end belongs to the
    innermost slice that is open then."""
    depth = {track: 0 for track in lanes}
    ends = {}
    for event in sorted((event for event in events if "ns" in event), key=lambda one: one["ns"]):
        track = (event["pid"], event["tid"])
        if event["ph"] in "BE":
            depth[track] += 1 if event["ph"] == "B" else -1
        elif event["ph"] in "sf":
            demand(depth[track] > 0, f"an arrow's end outside of all slices: {event}")
            ends.setdefault((event["cat"], event["name"], event["id"]), []).append(event["ph"])
    for identity, phases in ends.items():
        demand(len(phases) == len(set(phases)), f"an arrow forks: {identity}")
    return sum(len(phases) == 2 for phases in ends.values())


def sent_by(event):
    """How many messages an event says were sent."""
    if event.get("cat") != "message":
        return 0
    if event["ph"] == "s":
        return 1
    return event["args"].get("messages", 1) if event["name"] == "sent" else 0


def check_pairs(events):
    begun = {}
    for event in events:
        if event["ph"] not in "be":
            continue
        identity = (event["cat"], event["name"], event["id"])
        if event["ph"] == "b":
            demand(identity not in begun, f"two with one identity: {event}")
            begun[identity] = event["ns"]
        else:
            demand(begun.pop(identity, event["ns"] + 1) <= event["ns"], f"an odd end: {event}")
            begun[identity] = -1
    demand(all(begin == -1 for begin in begun.values()), "a task or phase does not end")


def check_counters(events):
    for event in events:
        if event["ph"] == "C":
            demand(all(isinstance(number, (int, float)) for number in event["args"].values()),
                   f"a counter that is no number: {event}")


def check(text):
    """Throws Wrong; else says what there is: spans by the name of their lane, frames_by_time()
    likewise, arrows, and messages sent, by an arrow's begin or a point."""
    _, events = events_of(text)
    lanes = check_names(events)
    spans = check_states(events, lanes)
    frames = frames_by_time(events, lanes)
    arrows = check_arrows(events, lanes)
    check_pairs(events)
    check_counters(events)
    named = {(event["pid"], event["tid"]): event["args"]["name"] for event in events
             if event["name"] == "thread_name"}
    return {"lanes": {named[track]: spans[track] for track in lanes},
            "frames": {named[track]: frames[track] for track in lanes}, "arrows": arrows,
            "sent": sum(sent_by(event) for event in events)}
