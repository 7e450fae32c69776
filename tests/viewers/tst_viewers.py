#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files of real runs, in the hands of others: a strict check of the rules, and speedscope's page.

Usage: tst_viewers.py PATH-OF-MANYHANDS PATH-OF-TEST-LESSONS BUILD-FOLDER [--no-browser]
"""
import functools
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading

import check_trace

SPEEDSCOPE = "1.25.0"
# Saves what the page has loaded as a person would with Ctrl+S: what it understood is then in the
# file that it offers.
HOOK = """<script>
const said = [];
for (const kind of ["warn", "error"])
    console[kind] = (...words) => said.push(kind + ": " + words.join(" "));
window.addEventListener("error", event => said.push("exception: " + event.message));
let saved = false;
URL.createObjectURL = blob => {
    if (!saved) {
        saved = true;
        blob.text().then(text => {
            const lanes = JSON.parse(text).profiles.map(profile => ({
                name: profile.name,
                unit: profile.unit,
                begins: (profile.events || []).filter(event => event.type === "O").length,
                ends: (profile.events || []).filter(event => event.type === "C").length,
            }));
            fetch("result", {method: "POST", body: JSON.stringify({said, lanes})});
        });
    }
    return "#";
};
setInterval(() => {
    if (!saved)
        window.dispatchEvent(new KeyboardEvent("keydown", {key: "s", ctrlKey: true}));
}, 100);
</script>
"""
FAILURES = []


def check(condition, what):
    print(("ok    " if condition else "FAIL  ") + what)
    if not condition:
        FAILURES.append(what)


def run_lesson(manyhands, words, path):
    done = subprocess.run([manyhands, "run", *words, "--quiet", "--json", "--save", str(path)],
                          capture_output=True, text=True, timeout=100, check=False)
    check(done.returncode == 0, f"{words[0]} runs and is saved {done.stderr}")
    return json.loads(done.stdout)


def fetch_speedscope(folder):
    """Its page, out of npm's package; fetched once for a build folder."""
    page = folder / f"speedscope-{SPEEDSCOPE}" / "package/dist/release/index.html"
    if not page.exists():
        page.parents[3].mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(["npm", "pack", "--silent", f"speedscope@{SPEEDSCOPE}"],
                                 cwd=page.parents[3], capture_output=True, text=True, timeout=60,
                                 check=False)
        if fetched.returncode != 0:
            sys.exit(f"FAIL  speedscope {SPEEDSCOPE} cannot be fetched from npm; this test needs "
                     f"the network once for a build folder: {fetched.stderr.strip()}")
        subprocess.run(["tar", "xzf", f"speedscope-{SPEEDSCOPE}.tgz"], cwd=page.parents[3],
                       check=True)
    return page


class Page(http.server.SimpleHTTPRequestHandler):
    """Gives out speedscope's page, with our hook in it, and the run; takes what the page made."""

    def do_GET(self):  # noqa: N802 (the library's name)
        if self.path == "/run.json":
            self.send_text(self.server.run, "application/json")
        elif self.path == "/index.html":
            page = pathlib.Path(self.directory, "index.html").read_text(encoding="utf-8")
            self.send_text(page.replace("<head>", "<head>" + HOOK, 1), "text/html")
        else:
            super().do_GET()

    def do_POST(self):  # noqa: N802
        self.server.seen = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_text("", "text/plain")
        self.server.done.set()

    def send_text(self, text, kind):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def seen_by_speedscope(page, text):
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Page, directory=page.parent))
    server.run, server.seen, server.done = text, None, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with open(pathlib.Path(folder, "said"), "w+b") as said:
            browser = subprocess.Popen(
                ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
                 "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--no-first-run",
                 "--disable-background-networking", f"--user-data-dir={folder}/profile",
                 f"{address}index.html#profileURL={address}run.json"],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True,
                env={**os.environ, "HOME": folder})
            server.done.wait(60)
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            said.seek(0)
            words = said.read().decode(errors="replace")
    server.shutdown()
    server.server_close()
    if server.seen is None:
        check(False, f"speedscope's page loads the run: {words[-2000:]}")
        return {"said": [], "lanes": []}
    return server.seen


def main():
    manyhands, test_lessons, build = sys.argv[1:4]
    browser = "--no-browser" not in sys.argv
    page = fetch_speedscope(pathlib.Path(build).resolve()) if browser else None
    lessons = [["prime_counting", "limit=200000", "workers=3"],
               ["prime_counting", "limit=100000", "workers=2", "--repeat", "3"],
               [f"{test_lessons}:tour", "items=300"]]
    arrows = 0
    for words in lessons:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "run.json")
            results = run_lesson(manyhands, words, path)
            text = path.read_text(encoding="utf-8")
        name = " ".join(words)
        try:
            found = check_trace.check(text)
        except check_trace.Wrong as wrong:
            check(False, f"{name}: {wrong}")
            continue
        check(sum(found["lanes"].values()) > 20, f"{name}: {found}")
        messages = sum(channel["messages"] for channel in results["channels"])
        check(found["sent"] == messages, f"{name}: all of its {messages} messages")
        # An arrow has both ends in spans; who finds a message without a wait has none there.
        arrows += found["arrows"]
        if not browser:
            continue
        seen = seen_by_speedscope(page, text)
        check(not seen["said"], f"{name}: speedscope warns of nothing {seen['said'][:5]}")
        lanes = {lane["name"].split(" (pid")[0]: lane for lane in seen["lanes"]}
        expected = {lane: count for lane, count in found["frames"].items() if count > 0}
        check({lane: one["begins"] for lane, one in lanes.items()} == expected
              and all(one["begins"] == one["ends"] for one in lanes.values())
              and len(lanes) == len(seen["lanes"]),
              f"{name}: speedscope sees {len(expected)} lanes and their spans: {expected}, "
              f"{[(lane['name'], lane['begins'], lane['ends']) for lane in seen['lanes']]}")
        check(all(lane["unit"] == "microseconds" for lane in seen["lanes"]), f"{name}: its times")
    check(arrows > 0, f"{arrows} arrows in all")
    sys.exit(1 if FAILURES else 0)


if __name__ == "__main__":
    main()
