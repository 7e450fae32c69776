#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""recompute_figures.py FOLDER: three numbers of each chart, from FOLDER/run.json alone, beside those
of the chart's table in FOLDER/CHART.csv. Knows nothing of our code; ends with 1 where they differ."""
import csv
import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
events, results = run["traceEvents"], run["manyhandsResults"]
names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
table = {name: list(csv.DictReader((folder / f"{name}.csv").open(encoding="utf-8", newline="")))
         for name in ("timeline", "budget", "ipc", "matrix", "durations", "speedup")}
wrong = 0


def same(what, drawn, computed, tolerance=1e-6):
    global wrong
    good = abs(drawn - computed) <= tolerance * max(1, abs(computed))
    wrong += not good
    print("ok   " if good else "WRONG", what, drawn, computed)


# States as nested pairs: (lane, state, begin, end, seconds without what lies within).
spans, open_spans = [], {}
for e in events:
    if e["ph"] == "B":
        open_spans.setdefault(e["tid"], []).append([e["name"], e["ts"], 0.0])
    elif e["ph"] == "E":
        state, begin, within = open_spans[e["tid"]].pop()
        if open_spans[e["tid"]]:
            open_spans[e["tid"]][-1][2] += e["ts"] - begin
        spans.append((names[e["tid"]], state, begin / 1e6, e["ts"] / 1e6, (e["ts"] - begin - within) / 1e6))
computing = [s[0] for s in spans if s[1] == "computing" and "Worker" in s[0]]
worker = max(set(computing), key=computing.count)  # a quick one may leave others without a task
mine = [s for s in spans if s[0] == worker and s[1] == "computing"]
rows = [r for r in table["timeline"] if r["process"].startswith(worker + " ") and r["state"] == "Computing"]
same("timeline: spans", len(table["timeline"]), len(spans))
same("timeline: computing", sum(float(r["duration (s)"]) for r in rows), sum(s[3] - s[2] for s in mine))
same("timeline: first start", min(float(r["start (s)"]) for r in rows), min(s[2] for s in mine))

cells = {(r["process"].split(" (pid")[0], r["spent on"]): float(r["time (s)"]) for r in table["budget"]}
own = {state: sum(s[4] for s in spans if s[0] == worker and s[1] == state)
       for state in ("computing", "idle", "starting")}
same("budget: computing or ready", cells.get((worker, "Computing"), 0)
     + cells.get((worker, "Ready, no free CPU"), 0), own["computing"])
same("budget: without a task", cells.get((worker, "Without a task"), 0), own["idle"])
same("budget: starting", cells.get((worker, "Starting"), 0), own["starting"])

sent = [e for e in events if e.get("cat") == "message" and (e["ph"] == "s" or e["name"] == "sent")]
got = [e for e in events if e.get("cat") == "message" and (e["ph"] == "f" or e["name"] == "received")]
size = sum(e["args"]["bytes"] for e in sent)
same("ipc: bytes", sum(float(r["sent (bytes)"]) for r in table["ipc"]), size)
same("ipc: messages", sum(float(r["sent (messages)"]) for r in table["ipc"]), len(sent))
same("ipc: most queued", max(float(r["most queued (messages)"] or 0) for r in table["ipc"]),
     max(e["args"]["messages"] for e in events if e.get("cat") == "depth"))
by_message = {(e["args"]["channel"], e["args"]["message"]): names[e["tid"]] for e in got}
pairs = [(names[e["tid"]], by_message.get((e["args"]["channel"], e["args"]["message"]))) for e in sent]
main = next(name for name in names.values() if "main" in name)
cell = [r for r in table["matrix"] if r["sender"].startswith(worker) and r["receiver"].startswith(main)]
same("matrix: bytes", sum(float(r["sent (bytes)"]) for r in table["matrix"]), size)
same("matrix: messages", sum(float(r["sent (messages)"]) for r in table["matrix"]), len(sent))
same("matrix: to main", sum(float(r["sent (messages)"]) for r in cell), pairs.count((worker, main)))

tasks, begun = [], {}
for e in events:
    if e.get("cat") == "task" and e["ph"] == "b":
        begun[e["id"], e["tid"]] = e["ts"]
    elif e.get("cat") == "task" and e["ph"] == "e":
        tasks.append((e["ts"] - begun.pop((e["id"], e["tid"]))) / 1e6)
bins = [(float(r["from (s)"]), float(r["to below (s)"]), int(r["tasks"])) for r in table["durations"]]
same("durations: tasks", sum(b[2] for b in bins), len(tasks))
same("durations: first bin", bins[0][2], sum(bins[0][0] <= t < bins[0][1] for t in tasks))
same("durations: longest", 1, bins[-1][0] <= max(tasks) <= bins[-1][1])

repeat = next(e for e in events if e.get("cat") == "phase" and e["ph"] == "b" and e["args"]["kind"] == "repeat")
work = [(e["ts"], e["args"]["done"]) for e in events if e.get("cat") == "work" and e["ts"] > repeat["ts"]]
time, done = work[-1]
if done == results["all_work"]:  # the curve ends with the repeat, not when its last work was seen
    time = next(e["ts"] for e in events if e["ph"] == "e" and e["id"] == repeat["id"] and e["name"] == repeat["name"])
s_end = done / results["all_work"] * results["sequential_s"] / ((time - repeat["ts"]) / 1e6)
same("speedup: points", len(table["speedup"]), len(work), 1)
same("speedup: last", float(table["speedup"][-1]["speedup"]), s_end, 1e-3)
same("speedup: last time", float(table["speedup"][-1]["time (s)"]), (time - repeat["ts"]) / 1e6, 1e-3)
sys.exit(wrong > 0)
