#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recompute_tables.py FOLDER: every number of FOLDER/{spans,channels,repeats}.csv from the saved
FOLDER/run.json, and of FOLDER/sweep.csv from what `sweep --json` printed to FOLDER/sweep.json; of
those that are there. Knows nothing of our code; ends with 1 where they differ."""
import collections
import csv
import json
import pathlib
import re
import statistics
import sys
from decimal import Decimal

folder = pathlib.Path(sys.argv[1])
wrong = 0


def same(what, written, computed):
    global wrong
    good = written == computed
    wrong += not good
    print("ok   " if good else "WRONG", what, "" if good else f"{written!r} is not {computed!r}")


def table(name):
    """The rows of a file that is as RFC 4180 says, with names that need no quotes anywhere."""
    text = (folder / f"{name}.csv").read_bytes().decode("utf-8")
    same(f"{name}: lines end as they should", text.count("\n"), text.count("\r\n"))
    rows = list(csv.reader(text.splitlines(), strict=True))
    same(f"{name}: as many fields in each row", {len(row) for row in rows}, {len(rows[0])})
    same(f"{name}: names", [column for column in rows[0] if not re.fullmatch("[a-z_]+", column)], [])
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def number(text):
    """A number as every program reads it; a comma or a blank would not pass."""
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]\d+)?", text) else text


def check_run():
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    # Once more for the times: a float would round them.
    events = json.loads((folder / "run.json").read_text(encoding="utf-8"), parse_float=Decimal)["traceEvents"]
    metadata = collections.defaultdict(dict)
    lanes = {}
    for e in events:
        if e["ph"] == "M" and "index" in e["args"]:
            metadata[e["name"]][e["args"]["index"]] = e["args"]
            if e["name"] == "manyhands_lane":
                lanes[e["tid"]] = e["args"]
    phases = []
    for e in events:
        if e.get("cat") == "phase" and e["ph"] == "b":
            phases.append([e["args"]["kind"], int(e["ts"] * 1000), None])
        elif e.get("cat") == "phase" and e["ph"] == "e":
            phases[-1][2] = int(e["ts"] * 1000)
    spans, open_spans = [], collections.defaultdict(list)
    for e in events:
        if e["ph"] == "B":
            lane = lanes[e["tid"]]
            start = int(e["ts"] * 1000)
            place = metadata["manyhands_place"].get(e.get("place"))
            span = {"process": lane["name"], "pid": lane["pid"], "lane": lane["index"], "role": lane["role"],
                    "phase": next((kind for kind, begin, end in phases if begin <= start < end), ""),
                    "state": e["name"], "depth": len(open_spans[e["tid"]]), "start_ns": start, "tid": e["tid"],
                    "channel": metadata["manyhands_channel"].get(e.get("channel"), {}).get("name", ""),
                    "name": metadata["manyhands_lock"].get(e.get("lock"), metadata["manyhands_gate"].get(e.get("gate"), {}))
                    .get("name", ""),
                    "task": e.get("task", ""), "place": f"{place['file']}:{place['line']}" if place else ""}
            spans.append(span)
            open_spans[e["tid"]].append(span)
        elif e["ph"] == "E":
            span = open_spans[e["tid"]].pop()
            span["dur_ns"] = int(e["ts"] * 1000) - span["start_ns"]
    spans.sort(key=lambda span: span["lane"])  # stable: within a lane they stand in order

    rows = table("spans")
    for column in ("process", "pid", "lane", "role", "phase", "state", "depth", "start_ns", "dur_ns", "channel",
                   "task", "name", "place"):
        same(f"spans: {column}", [row[column] for row in rows], [str(span[column]) for span in spans])
    messages = [e for e in events if e.get("cat") == "message"]
    ends = {"sending": [e for e in messages if e["ph"] == "s" or e["name"] == "sent"],
            "receiving": [e for e in messages if e["ph"] == "f" or e["name"] == "received"]}
    same("spans: there are messages", len(ends["sending"]) > 0, True)
    spans_of = collections.defaultdict(list)
    for span in spans:
        spans_of[span["tid"]].append(span)
    other = {state: {(e["args"]["channel"], e["args"].get("message")): lanes[e["tid"]]["name"] for e in ends[of]}
             for state, of in (("sending", "receiving"), ("receiving", "sending"))}
    for state, of_state in ends.items():
        bytes_by, partners_by = collections.Counter(), collections.Counter()
        for e in of_state:
            # What was too quick to be a span stands in the channel's sums alone.
            time = e["args"].get("time_ns", int(e["ts"] * 1000))
            if not any(span["state"] == state and span["start_ns"] <= time <= span["start_ns"] + span["dur_ns"]
                       for span in spans_of[e["tid"]]):
                continue
            process = lanes[e["tid"]]["name"]
            bytes_by[process] += e["args"]["bytes"]
            partners_by[process, other[state].get((e["args"]["channel"], e["args"].get("message")), "")] += 1
        written, partners = collections.Counter(), collections.Counter()
        for row in rows:
            if row["state"] == state and row["bytes"]:
                written[row["process"]] += int(row["bytes"])
                partners[row["process"], row["partner"]] += 1
        same(f"spans: bytes while {state}", written, bytes_by)
        same(f"spans: partners while {state}", partners, partners_by)

    same("channels", [[row[column] for column in ("channel", "kind", "sent_messages", "sent_bytes",
                                                  "received_messages", "received_bytes", "max_depth_messages")]
                      for row in table("channels")],
         [[str(c[key]) for key in ("name", "kind", "messages", "bytes", "messages_received", "bytes_received",
                                   "max_depth")] for c in metadata["manyhands_channel"].values()])

    results = run["manyhandsResults"]
    rows = table("repeats")
    same("repeats: shown", [row["shown"] for row in rows].index("1"), results["shown_repeat"])
    same("repeats: number", [row["repeat"] for row in rows], [str(i + 1) for i in range(len(results["repeats"]))])
    for column in ("wall_s", "sequential_s", "speedup"):
        same(f"repeats: {column}", [number(row[column]) for row in rows],
             [Decimal(repr(repeat[column])) for repeat in results["repeats"]])


def quartiles(values):
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3


def check_sweep():
    sweep = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    rows = table("sweep")
    same("sweep: values", [row["value"] for row in rows], [str(value) for value in sweep["values"]])
    for row, run in zip(rows, sweep["runs"]):
        walls = [repeat["wall_s"] for repeat in run["repeats"]]
        serial = run["sequential_s"]
        low, middle, high = quartiles(walls)
        slow, _, fast = quartiles([serial / wall for wall in walls])
        for column, computed in (("n", len(walls)), ("workers", run["workers"]), ("wall_median_s", middle),
                                 ("wall_first_quartile_s", low), ("wall_third_quartile_s", high),
                                 ("sequential_s", serial), ("speedup_median", serial / middle),
                                 ("speedup_first_quartile", slow), ("speedup_third_quartile", fast),
                                 ("efficiency", serial / middle / run["workers"]),
                                 ("oversubscribed", int("oversubscribed" in run["marks"]))):
            written = number(row[column])
            close = not isinstance(written, str) and abs(float(written) - computed) <= 1e-12 * abs(computed)
            same(f"sweep at {row['value']}: {column}", close or row[column], True)
        same(f"sweep at {row['value']}: marks", row["marks"], " ".join(run["marks"]))
        same(f"sweep at {row['value']}: as the report has it", abs(run["speedup"] - serial / middle) < 1e-9, True)


if (folder / "run.json").exists():
    check_run()
if (folder / "sweep.json").exists():
    check_sweep()
sys.exit(wrong > 0)
