#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests app/run, tests/run and .ci/run in a copy of the project that holds nothing else.

Most cases put fakes of apt-get, sudo, id, cmake, ninja and ctest on a PATH that otherwise has only
what every Debian has; the fakes write down how they were called. The cases at the end build a small
program with the real tools. Arguments: the cases to run, else all.
"""
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SCRIPTS = ["app/run", "tests/run", ".ci/run", "resources/packages.sh"]
# From Debian's essential packages: the scripts may start nothing else that is not in packages.tsv.
ESSENTIAL = """awk bash cat cp cut date dirname env flock fold grep head kill mkdir mktemp mv nproc readlink rm
               sed setarch setsid sh sleep sort tail touch tr uname""".split()

FAKES = {
    "apt-get": r"""
case " $* " in
    *" -s "*)
        if [[ -e $FAKE/lists_missing && ! -e $FAKE/updated ]]; then
            echo "E: Unable to locate package ${@: -1}" >&2
            exit 100
        fi
        for package in "${@:4}"; do echo "Inst $package (1.0 Debian:12 [amd64])"; done
        echo "Inst libdependency (1.0 Debian:12 [amd64])"
        if [[ -e $FAKE/removes || -e $FAKE/removes_later && -e $FAKE/updated ]]; then echo "Remv precious [1.0]"; fi
        exit ;;
    *" --print-uris "*) echo "Need to get 12.3 MB/45.6 MB of archives."; exit ;;
esac
if [[ $(id -u) != 0 && ! -e $FAKE/as_root ]]; then
    echo "E: Could not open lock file" >&2
    exit 100
fi
if [[ $1 == update ]]; then
    if [[ -e $FAKE/no_network ]]; then echo "E: Failed to fetch" >&2; exit 100; fi
    touch "$FAKE/updated"
    exit
fi
if [[ -e $FAKE/lists_old && ! -e $FAKE/updated ]]; then
    echo "E: Failed to fetch  404  Not Found" >&2
    exit 100
fi
if [[ -e $FAKE/installs_nothing ]]; then exit; fi
for package in "$@"; do
    case $package in
        widgets-dev) touch "$FAKE/machine/widgets" "$FAKE/machine/printing" ;;
        *-dev | *-tool) touch "$FAKE/machine/${package%-*}" ;;
    esac
done
""",
    "sudo": r"""
case $1 in
    -n) [[ -e $FAKE/sudo_is_free ]] ;;
    -v) echo "[sudo] password:" >&2; [[ -e $FAKE/sudo_asks ]] ;;
    *)
        touch "$FAKE/as_root"
        "$@"
        status=$?
        rm "$FAKE/as_root"
        exit $status ;;
esac
""",
    "id": 'cat "$FAKE/uid"\n',
    # Refuses a foreign cache as the real one does, and writes build.ninja last.
    "cmake": r"""
settings=()
while (($# > 0)); do
    case $1 in
        --fresh) fresh=yes ;;
        -S) source=$2; shift ;;
        -B) build=$2; shift ;;
        -D*) settings+=("${1#-D}") ;;
    esac
    shift
done
cache=$build/CMakeCache.txt
if [[ $fresh ]]; then rm -f "$cache"; fi
if [[ -e $cache ]] && ! grep -q "^CMAKE_HOME_DIRECTORY:INTERNAL=$source$" "$cache"; then
    echo "CMake Error: The source does not match the source used to generate cache"
    exit 1
fi
if [[ -e $FAKE/cmake_fails ]]; then
    echo "-- looking"; echo "CMake Error at CMakeLists.txt:1: no such thing"
    exit 1
fi
if [[ ! -e $cache ]]; then echo "CMAKE_HOME_DIRECTORY:INTERNAL=$source" >"$cache"; fi
for setting in "${settings[@]}"; do
    sed -i "/^${setting%%=*}:/d" "$cache"
    echo "${setting%%=*}:STRING=${setting#*=}" >>"$cache"
done
if [[ -e $FAKE/cmake_hangs ]]; then echo $$ >"$FAKE/hanging"; sleep 60; fi
touch "$build/build.ninja"
""",
    # Like the real one: on a signal it ends what it started and removes what is half made.
    "ninja": r"""
build=$2
if [[ ! -e $build/build.ninja ]]; then echo "ninja: error: loading 'build.ninja'"; exit 1; fi
mkdir -p "$build/bin"
if [[ -e $FAKE/ninja_fails ]]; then
    echo "[1/2] fine"; echo "FAILED: engine/x.o"; echo "x.cpp:1: error: expected ';'"; echo "ninja: build stopped"
    exit 1
fi
if [[ -e $FAKE/ninja_hangs ]]; then
    echo half >"$build/bin/manyhands"
    trap 'rm "$build/bin/manyhands"; kill $!; exit 2' INT TERM HUP
    sleep 60 &
    echo $! >"$FAKE/hanging"
    wait
fi
echo "ninja begins" >>"$FAKE/calls"
if [[ -e $FAKE/ninja_is_slow ]]; then touch "$FAKE/building"; sleep 1; fi
echo "ninja ends" >>"$FAKE/calls"
for program in manyhands manyhands-lesson manyhands-bench; do
    if [[ ! -e $build/bin/$program ]]; then cp "$FAKE/program" "$build/bin/$program"; fi
done
""",
    "ctest": r"""
{
    printf 'ctest environment'
    for name in DISPLAY WAYLAND_DISPLAY QT_QPA_PLATFORM QT_SCALE_FACTOR MANYHANDS_SOAK XDG_RUNTIME_DIR XDG_CONFIG_HOME \
        XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME; do printf ' %s=%s' "$name" "${!name-unset}"; done
    echo
    # Tests of Ctrl-C could not work if SIGINT were ignored.
    printf 'ctest ignores %s\n' "$(sed -n 's/^SigIgn:\t//p' /proc/self/status)"
    printf 'ctest holds %s\n' "$(readlink /proc/$$/fd/* | grep -c '\.lock$')"
} >>"$FAKE/calls"
touch "$XDG_CONFIG_HOME/left behind"
if [[ -e $FAKE/ctest_hangs ]]; then sleep 60 & echo $! >"$FAKE/hanging"; wait; fi
if [[ -e $FAKE/ctest_fails ]]; then echo "50% tests passed"; exit 8; fi
echo "100% tests passed, 0 tests failed out of 7"
""",
}
# Stands for manyhands, manyhands-lesson and manyhands-bench.
PROGRAM = r"""#!/bin/bash
python=$FAKE/python
"$python" -c 'import json, os, sys
json.dump({"program": os.path.basename(sys.argv[1]), "arguments": sys.argv[2:], "cwd": os.getcwd(), "locks": [
    name for name in (os.readlink("/proc/%d/fd/%s" % (os.getppid(), fd)) for fd in os.listdir("/proc/%d/fd" % os.getppid()))
    if name.endswith(".lock")]}, open(os.environ["FAKE"] + "/started", "a")); open(os.environ["FAKE"] + "/started", "a").write("\n")' "$0" "$@"
if [[ $1 == list ]]; then
    if [[ ! -e $FAKE/no_lessons ]]; then
        printf 'prime_counting      Counting primes\npi                  Throwing darts\n'
    fi
    exit
fi
for argument in "$@"; do
    case $argument in
        */run.manyhands.json.gz | *=*.png) touch "${argument#*=}" ;;
    esac
done
echo "the program's output"
echo "the program's warning" >&2
if [[ -e $FAKE/dies ]]; then kill -TERM $$; fi
exit "$(cat "$FAKE/status" 2>/dev/null || echo 0)"
"""


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


def equal(actual, expected, what=""):
    check(actual == expected, f"{what}\n      expected {expected!r}\n      was      {actual!r}")


def contains(text, part):
    check(part in text, f"expected {part!r} in\n{text}")


def lacks(text, part):
    check(part not in text, f"did not expect {part!r} in\n{text}")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.02)


class Tree:
    """A copy of the scripts below a path with spaces, with the machine it thinks it is on."""

    def __init__(self, folder):
        self.folder = Path(folder) / "so many hands"
        self.root = self.folder / "the project"
        for script in SCRIPTS:
            (self.root / script).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / script, self.root / script)
        self.fake = self.folder / "fake"
        self.machine = self.fake / "machine"
        self.machine.mkdir(parents=True)
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        for tool in ESSENTIAL:
            (self.bin / tool).symlink_to(shutil.which(tool))
        for name, text in FAKES.items():
            log = f"printf '%s' {name} >>\"$FAKE/calls\"\nprintf ' %q' \"$@\" >>\"$FAKE/calls\"\necho >>\"$FAKE/calls\"\n"
            (self.bin / name).write_text("#!/bin/bash\n" + log + text)
            (self.bin / name).chmod(0o755)
        (self.fake / "program").write_text(PROGRAM)
        (self.fake / "program").chmod(0o755)
        (self.fake / "python").symlink_to(sys.executable)
        self.set("uid", "0")
        self.table([
            ("CMake", "program:cmake", "cmake", "run"),
            ("C headers", "header:stdio.h", "libc6-dev", "run"),
            ("Widgets", f"file:{self.machine}/widgets", "widgets-dev", "run"),
            ("Printing", f"file:{self.machine}/print*", "widgets-dev", "run"),
            ("Gadgets", f"file:{self.machine}/gadgets", "gadgets-dev", "run"),
            ("Spy", f"file:{self.machine}/spy", "spy-tool", "test"),
            ("Clock", f"file:{self.machine}/clock", "clock-dev", "bench"),
        ])
        for thing in ["widgets", "printing", "gadgets", "spy", "clock"]:
            (self.machine / thing).touch()

    def table(self, rows):
        text = "# need\tprobe\tpackage\tuse\n" + "".join("\t".join(row) + "\n" for row in rows)
        (self.root / "resources/packages.tsv").write_text(text)

    def set(self, name, text=""):
        (self.fake / name).write_text(text)

    def clear(self, *names):
        for name in names:
            (self.fake / name).unlink(missing_ok=True)

    def lack(self, *things):
        for thing in things:
            (self.machine / thing).unlink()

    def has(self, thing):
        return (self.machine / thing).exists()

    def environment(self, **more):
        return {"PATH": str(self.bin), "FAKE": str(self.fake), "HOME": str(self.folder), "TERM": "xterm",
                "TMPDIR": str(self.folder), "DISPLAY": ":99", **more}

    def start(self, script, *arguments, cwd=None, env=None, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([self.root / script if script in SCRIPTS else script, *arguments], text=True,
                                cwd=cwd or self.folder, env=env or self.environment(), start_new_session=True,
                                **options)

    def run(self, script, *arguments, **options):
        process = self.start(script, *arguments, **options)
        try:
            process.stdoutput, process.messages = process.communicate(timeout=60)
            # bash 5.2 has said this of itself once, on a busy machine, with the right status; why is
            # not known. It is no word of the scripts, and everything else that they say counts.
            process.messages = re.sub(r".*: wait_for: No record of process \d+\n", "", process.messages)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failure(f"{script} {arguments} did not end")
        return process

    def good(self, script, *arguments, status=0, **options):
        process = self.run(script, *arguments, **options)
        equal(process.returncode, status, f"status of {script} {arguments}; it said:\n{process.messages}")
        return process

    def calls(self, *names):
        """What the fakes named were called with, in order; then forgets all calls."""
        log = self.fake / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [line for line in lines if not names or line.split(" ")[0] in names]

    def started(self):
        """How the fake programs were started; then forgets it."""
        log = self.fake / "started"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return [json.loads(line) for line in lines]

    def hanging(self):
        path = self.fake / "hanging"
        wait_for(lambda: path.exists() and path.read_text().strip(), "the fake to hang")
        pid = int(path.read_text())
        path.unlink()
        return pid


SIMULATED = "apt-get -s install --no-install-recommends"
INSTALLED = r"apt-get (?!-s |--print-uris )(.* )?install --no-install-recommends "


def installations(calls):
    return [re.sub(INSTALLED, "", call) for call in calls if re.match(INSTALLED, call)]


# --- Nothing to install ------------------------------------------------------------------------

def case_nothing_missing_asks_nobody(tree):
    process = tree.good("app/run", "list")
    calls = tree.calls()
    equal([call for call in calls if call.split()[0] in ("apt-get", "sudo", "id")], [])
    check(any(call.startswith("cmake ") for call in calls), "it should have configured")
    equal(process.messages, "", "standard error of a build that went well")


def case_second_start_configures_nothing(tree):
    tree.good("app/run", "list")
    configured = tree.calls("cmake")
    equal(len(configured), 1)
    for part in ["-G Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF"]:
        contains(configured[0], part)
    tree.good("app/run", "list")
    equal(tree.calls("cmake"), [])


def case_builds_two_programs_with_as_many_compilers_as_fit(tree):
    tree.good("app/run", "list")
    call = next(call for call in tree.calls("ninja") if " -C " in call)
    match = re.search(r"-j (\d+) manyhands manyhands-lesson$", call)
    check(match, f"unexpected targets: {call}")
    check(1 <= int(match[1]) <= len(os.sched_getaffinity(0)), f"unexpected number of compilers: {call}")


def case_arguments_pass_through(tree):
    arguments = ["run", "prime_counting", "a b", "", "*", "$HOME", "it's", "two\nlines", "--json", "--", "-x"]
    tree.good("app/run", *arguments)
    equal([start["arguments"] for start in tree.started()], [arguments])


def case_standard_output_is_the_programs(tree):
    tree.lack("gadgets")
    process = tree.good("app/run", "run", "pi")
    equal(process.stdoutput, "the program's output\n")
    contains(process.messages, "the program's warning\n")


def case_status_passes_through(tree):
    for status in (1, 2, 3, 130):
        tree.set("status", str(status))
        tree.good("app/run", "run", "pi", status=status)
    tree.set("dies")
    tree.good("app/run", "run", "pi", status=-signal.SIGTERM)


def case_program_inherits_no_lock_and_keeps_the_folder(tree):
    elsewhere = tree.folder / "else where"
    elsewhere.mkdir()
    tree.good("app/run", "run", "pi", cwd=elsewhere)
    start = tree.started()[0]
    equal(start["cwd"], str(elsewhere))
    equal(start["locks"], [])


def case_from_any_folder_and_by_links(tree):
    links = tree.folder / "links"
    links.mkdir()
    (links / "start").symlink_to(tree.root / "app/run")
    (links / "indirect").symlink_to("start")
    (links / "whole").symlink_to(tree.root)
    for folder, script in [(tree.root, "./app/run"), (tree.root / "app", "./run"), (tree.root / "resources", "../app/run"),
                           (links, "./start"), (links, "./indirect"), (links, "./whole/app/run"), ("/", tree.root / "app/run")]:
        equal(tree.good(script, "list", cwd=folder).messages, "")
    equal(len(tree.calls("cmake")), 1, "all of them are one project, configured once")


# --- Installing --------------------------------------------------------------------------------

def case_missing_is_simulated_then_installed(tree):
    tree.lack("widgets", "printing", "gadgets", "spy")
    process = tree.good("app/run", "list")
    calls = tree.calls("apt-get", "sudo")
    equal(calls[0], SIMULATED + " widgets-dev gadgets-dev")
    equal(installations(calls), ["widgets-dev gadgets-dev"], "what was installed")
    contains([call for call in calls if re.match(INSTALLED, call)][0], "--no-remove")
    lacks("\n".join(calls), "update")
    lacks("\n".join(calls), "sudo")
    for part in ["Widgets, Printing, Gadgets", "12.3 MB", "widgets-dev gadgets-dev libdependency"]:
        contains(process.messages, part)
    check(not tree.has("spy"), "the tests' needs are not the program's")
    tree.good("app/run", "list")
    equal(tree.calls("apt-get"), [], "the second start")


def case_installs_through_sudo(tree):
    tree.lack("gadgets")
    tree.set("uid", "1000")
    tree.set("sudo_is_free")
    tree.good("app/run", "list")
    calls = tree.calls()
    check(tree.has("gadgets"), "nothing was installed")
    sudo = [call for call in calls if call.startswith("sudo env")]
    equal(len(sudo), 1)
    contains(sudo[0], "DEBIAN_FRONTEND=noninteractive")


def case_installs_with_a_password_on_a_terminal(tree):
    tree.lack("gadgets")
    tree.set("uid", "1000")
    tree.set("sudo_asks")
    controller, terminal = pty.openpty()
    process = tree.good("app/run", "list", stdin=terminal)
    os.close(controller)
    os.close(terminal)
    check(tree.has("gadgets"), "nothing was installed")
    equal([call for call in tree.calls("sudo") if call == "sudo -v"], ["sudo -v"])
    check(process.messages.index("libdependency") < process.messages.index("[sudo]"), "asked before it said for what")


def no_rights(tree, process):
    equal(process.returncode, 3, f"status; it said:\n{process.messages}")
    equal(process.messages.count("\n"), 1, f"lines in:\n{process.messages}")
    contains(process.messages, "apt-get install --no-install-recommends gadgets-dev\n")
    equal(process.stdoutput, "")
    equal(installations(tree.calls()), [])
    equal(tree.started(), [])


def case_no_right_to_install(tree):
    tree.lack("gadgets")
    tree.set("uid", "1000")
    no_rights(tree, tree.run("app/run", "list"))
    tree.set("sudo_asks") # but nobody is there to type a password
    no_rights(tree, tree.run("app/run", "list"))
    (tree.bin / "sudo").unlink()
    no_rights(tree, tree.run("app/run", "list"))
    tree.set("lists_missing")
    process = tree.run("app/run", "list")
    contains(process.messages, "apt-get update && apt-get install")
    no_rights(tree, process)


def case_wrong_password(tree):
    tree.lack("gadgets")
    tree.set("uid", "1000")
    controller, terminal = pty.openpty()
    process = tree.good("app/run", "list", stdin=terminal, status=3)
    os.close(controller)
    os.close(terminal)
    contains(process.messages.splitlines()[-1], "apt-get install --no-install-recommends gadgets-dev")
    check(not tree.has("gadgets"), "installed without a right to")


def case_removal_stops(tree):
    tree.lack("gadgets")
    tree.set("removes")
    process = tree.good("app/run", "list", status=3)
    contains(process.messages, "precious")
    contains(process.messages, "apt-get install --no-install-recommends gadgets-dev")
    calls = tree.calls()
    equal(installations(calls), [])
    check(not tree.has("gadgets") and not tree.started(), "went on all the same")


def case_lists_missing_are_fetched(tree):
    tree.lack("gadgets")
    tree.set("lists_missing")
    tree.good("app/run", "list")
    calls = [call for call in tree.calls("apt-get") if "--print-uris" not in call]
    equal(calls[:3], [SIMULATED + " gadgets-dev", "apt-get update", SIMULATED + " gadgets-dev"])
    equal(len(installations(calls)), 1)


def case_removal_stops_after_an_update_too(tree):
    tree.lack("gadgets")
    tree.set("lists_missing")
    tree.set("removes")
    contains(tree.good("app/run", "list", status=3).messages, "precious")
    equal(installations(tree.calls()), [])


def case_old_lists_are_fetched_anew(tree):
    tree.lack("gadgets")
    tree.set("lists_old")
    tree.good("app/run", "list")
    calls = tree.calls("apt-get")
    equal(len(installations(calls)), 2)
    equal(calls.count("apt-get update"), 1)
    check(tree.has("gadgets"), "nothing was installed")


def case_new_lists_that_mean_a_removal_stop(tree):
    tree.lack("gadgets")
    tree.set("lists_old")
    tree.set("removes_later")
    contains(tree.good("app/run", "list", status=3).messages, "precious")
    check(not tree.has("gadgets"), "installed all the same")


def case_no_network(tree):
    tree.lack("gadgets")
    tree.set("lists_missing")
    tree.set("no_network")
    process = tree.good("app/run", "list", status=3)
    contains(process.messages, "E: Failed to fetch")
    contains(process.messages, "apt-get update && apt-get install --no-install-recommends gadgets-dev")


def case_installed_yet_not_found(tree):
    tree.lack("gadgets")
    tree.set("installs_nothing")
    process = tree.good("app/run", "list", status=3)
    contains(process.messages, "still not found: Gadgets")
    equal(tree.started(), [])


def case_without_apt(tree):
    tree.lack("gadgets")
    (tree.bin / "apt-get").unlink()
    contains(tree.good("app/run", "list", status=3).messages, "gadgets-dev")


def case_a_program_that_is_missing(tree):
    (tree.bin / "cmake").unlink()
    tree.good("app/run", "list", status=3) # the fake apt-get brings no cmake
    equal(installations(tree.calls()), ["cmake"])


def case_a_bad_table_is_named(tree):
    for row in [("Thing", "thing.h", "thing-dev", "run"), ("Thing", "header:thing.h", "thing-dev", "sometimes"),
                ("Thing", "header:thing.h", "thing-dev")]:
        tree.table([row])
        message = tree.good("app/run", "list", status=1).messages
        contains(message, "resources/packages.tsv")
        equal(message.count("\n"), 1)


def case_the_projects_own_table(tree):
    lines = (PROJECT / "resources/packages.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    check(lines[0].startswith("#") and len(rows) > 10, "a header and rows")
    for row in rows:
        equal(len(row), 4, f"columns of {row}")
        check(re.match(r"(header|program|file):\S+$", row[1]), f"probe of {row}")
        check(re.match(r"[a-z0-9][a-z0-9.+-]+$", row[2]), f"package of {row}")
        check(row[3] in ("run", "test", "bench"), f"use of {row}")


# --- Without a display --------------------------------------------------------------------------

def case_no_display_runs_the_first_lesson(tree):
    results = []
    for empty in ({}, {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, {}):
        environment = tree.environment(**empty)
        if not empty:
            del environment["DISPLAY"]
        process = tree.good("app/run", env=environment)
        contains(process.messages, "no display")
        equal(process.stdoutput, "the program's output\n")
        start = tree.started()[-1]
        equal(start["arguments"][:3], ["run", "prime_counting", "--save"])
        folder = Path(start["arguments"][3]).parent
        equal(folder.parent, tree.root / "results")
        check(re.match(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ(-\d+)?$", folder.name), f"name of {folder}")
        equal(sorted(file.name for file in folder.iterdir()),
              ["budget.png", "ipc.png", "run.manyhands.json.gz", "speedup.png", "timeline.png"])
        results.append(folder)
    equal(len(set(results)), 3, "each start has a folder of its own")


def case_a_display_or_arguments_need_no_results(tree):
    tree.good("app/run", env=tree.environment(DISPLAY=":0"))
    tree.good("app/run", env=tree.environment(DISPLAY="", WAYLAND_DISPLAY="wayland-0"))
    tree.good("app/run", "list", env=tree.environment(DISPLAY=""))
    equal([start["arguments"] for start in tree.started()], [[], [], ["list"]])
    check(not (tree.root / "results").exists(), "results without need")


def case_no_display_and_no_lesson(tree):
    tree.set("no_lessons")
    contains(tree.good("app/run", env=tree.environment(DISPLAY=""), status=1).messages, "named no lesson")


def case_results_and_builds_are_ignored_by_git(tree):
    lines = (PROJECT / ".gitignore").read_text().splitlines()
    check("/build/" in lines and "/results/" in lines, "in .gitignore")


# --- Failures and interruptions ----------------------------------------------------------------

def case_failed_build_is_shown(tree):
    tree.set("ninja_fails")
    process = tree.good("app/run", "list", status=1)
    contains(process.messages, "error: expected ';'")
    lacks(process.messages, "[1/2] fine")
    contains(process.messages, str(tree.root / "build/build.log"))
    equal(process.stdoutput, "")
    equal(tree.started(), [])
    tree.clear("ninja_fails")
    tree.good("app/run", "list")


def case_failed_configuration_begins_anew(tree):
    tree.set("cmake_fails")
    process = tree.good("app/run", "list", status=1)
    contains(process.messages, "CMake Error at CMakeLists.txt:1: no such thing")
    contains(process.messages, str(tree.root / "build/configure.log"))
    tree.clear("cmake_fails")
    tree.calls()
    tree.good("app/run", "list")
    contains(tree.calls("cmake")[0], "--fresh")


def interrupt_and_repeat(tree, hang, number, whole_group):
    tree.set(hang)
    process = tree.start("app/run", "list")
    pid = tree.hanging()
    (os.killpg if whole_group else os.kill)(process.pid, number)
    output, messages = process.communicate(timeout=20)
    equal(process.returncode, -number, f"status; it said:\n{messages}")
    equal(output, "")
    contains(messages, "stopped by SIG")
    lacks(messages, "failed")
    wait_for(lambda: not alive(pid), "what was started to end")
    tree.clear(hang)
    tree.good("app/run", "list")
    equal(tree.started()[-1]["arguments"], ["list"])


def case_interrupted_configuration(tree):
    interrupt_and_repeat(tree, "cmake_hangs", signal.SIGINT, whole_group=True)
    contains(tree.calls("cmake")[-1], "--fresh")


def case_interrupted_change_of_settings(tree):
    tree.good("app/run", "list")
    tree.set("cmake_hangs")
    process = tree.start("tests/run")
    tree.hanging()
    process.terminate()
    process.communicate(timeout=20)
    tree.clear("cmake_hangs")
    tree.calls()
    tree.good("tests/run")
    equal(len(tree.calls("cmake")), 1, "the cache has the settings, but build.ninja may not")


def case_interrupted_build(tree):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        for whole_group in (True, False):
            shutil.rmtree(tree.root / "build", ignore_errors=True)
            interrupt_and_repeat(tree, "ninja_hangs", number, whole_group)


def case_killed_script_leaves_no_second_build_beside_it(tree):
    tree.set("ninja_is_slow")
    first = tree.start("app/run", "list")
    wait_for((tree.fake / "building").exists, "the build")
    first.kill()
    first.communicate(timeout=20)
    tree.good("app/run", "list")
    equal([call for call in tree.calls() if call in ("ninja begins", "ninja ends")],
          ["ninja begins", "ninja ends"] * 2)


def case_two_at_once_take_turns(tree):
    tree.set("ninja_is_slow")
    both = [tree.start("app/run", "list") for _ in range(2)]
    messages = [process.communicate(timeout=60)[1] for process in both]
    equal([process.returncode for process in both], [0, 0], "".join(messages))
    calls = tree.calls()
    equal(len([call for call in calls if call.startswith("cmake ")]), 1)
    equal([call for call in calls if call in ("ninja begins", "ninja ends")], ["ninja begins", "ninja ends"] * 2)
    contains("".join(messages), "waiting for it")


def case_waiting_can_be_interrupted(tree):
    tree.set("ninja_hangs")
    first = tree.start("app/run", "list")
    tree.hanging()
    second = tree.start("app/run", "list")
    contains(second.stderr.readline(), "waiting for it")
    second.terminate()
    second.communicate(timeout=10)
    equal(second.returncode, -signal.SIGTERM)
    first.terminate()
    first.communicate(timeout=10)


def case_moved_build_folder(tree):
    tree.good("app/run", "list")
    tree.good("tests/run", "--sanitize", "address")
    (tree.root / "build/stale.o").touch()
    (tree.root / "build/address/stale.o").touch()
    moved = tree.folder / "moved here"
    shutil.copytree(tree.root, moved, symlinks=True)
    tree.calls()
    contains(tree.good(moved / "app/run", "list").messages, "building anew")
    contains((moved / "build/CMakeCache.txt").read_text(), f"CMAKE_HOME_DIRECTORY:INTERNAL={moved}\n")
    check(not (moved / "build/stale.o").exists(), "what the other place had built is still there")
    check((moved / "build/address/stale.o").exists(), "a build folder within is not its business")
    tree.good(moved / "tests/run", "--sanitize", "address")
    check(not (moved / "build/address/stale.o").exists(), "now it was")
    tree.calls()
    equal(tree.good(moved / "app/run", "list").messages, "")
    equal(tree.calls("cmake"), [], "configured anew but once")


def case_nowhere_to_build(tree):
    (tree.root / "build").touch()
    process = tree.good("app/run", "list", status=3)
    contains(process.messages, "cannot write in")
    equal(process.messages.count("\n"), 1)


def case_terminal_shows_progress_and_wipes_it(tree):
    tree.set("ninja_is_slow")
    controller, terminal = pty.openpty()
    process = tree.start("app/run", "list", stderr=terminal)
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(controller, 4096)
        except OSError:
            break
        shown += piece
    os.close(controller)
    output, _ = process.communicate(timeout=20)
    contains(shown.decode(), "building:")
    check(shown.endswith(b"\r\x1b[K"), f"the last of it is left behind: {shown[-60:]}")
    contains(output, "prime_counting")


# --- tests/run -----------------------------------------------------------------------------------

def case_tests_run_without_a_display(tree):
    tree.lack("spy", "clock")
    process = tree.good("tests/run", env=tree.environment(WAYLAND_DISPLAY="wayland-0", QT_SCALE_FACTOR="2", MANYHANDS_SOAK="1"))
    calls = tree.calls()
    equal(installations(calls), ["spy-tool"], "what was installed")
    contains([call for call in calls if call.startswith("cmake ")][0],
             "-DCMAKE_BUILD_TYPE=Release -DMANYHANDS_SANITIZE=none -DBUILD_TESTING=ON -DMANYHANDS_WERROR=ON")
    folder = str(tree.root / "build").replace(" ", "\\ ")
    tests = [call for call in calls if call.startswith("ctest ")]
    equal(tests[0], f"ctest --test-dir {folder} --output-on-failure --no-tests=error -j 2")
    contains(tests[1], "DISPLAY=unset WAYLAND_DISPLAY=unset QT_QPA_PLATFORM=offscreen QT_SCALE_FACTOR=unset MANYHANDS_SOAK=unset")
    folders = set(re.findall(rf"XDG_\w+=({re.escape(str(tree.folder))}/manyhands-tests\.\w+)/", tests[1]))
    equal(tests[1].count("/manyhands-tests."), 5)
    equal(len(folders), 1)
    check(not Path(folders.pop()).exists(), "the temporary folder is left behind")
    ignored = int(tests[2].split()[-1], 16)
    equal([number for number in (signal.SIGINT, signal.SIGQUIT) if ignored & 1 << number - 1], [], "ignored in tests")
    equal(tests[3], "ctest holds 0")
    check(process.stdoutput.endswith("100% tests passed, 0 tests failed out of 7\n"), process.stdoutput)


def case_tests_status_is_ctests(tree):
    tree.set("ctest_fails")
    process = tree.good("tests/run", status=8)
    check(process.stdoutput.endswith("50% tests passed\n"), process.stdoutput)


def case_tests_options(tree):
    def ctest(*arguments):
        tree.good("tests/run", *arguments)
        calls = tree.calls()
        configured = [call for call in calls if call.startswith("cmake ")]
        tests = [call for call in calls if call.startswith("ctest ")]
        return tests[0], tests[1], configured

    call, environment, _ = ctest("--only", "tst_(ring|queue) x", "--soak")
    check(call.endswith(r" -R tst_\(ring\|queue\)\ x"), call)
    contains(environment, "MANYHANDS_SOAK=1")
    call, _, _ = ctest("--only=tst_ring")
    check(call.endswith(" -R tst_ring"), call)
    call, _, configured = ctest("--sanitize", "address")
    contains(call, "/build/address ")
    lacks(call, " -L ")
    contains(configured[0], "-DMANYHANDS_SANITIZE=address")
    call, _, configured = ctest("--sanitize=thread")
    contains(call, "/build/thread ")
    contains(call, r"-L \^unit\$")
    contains(configured[0], "-DMANYHANDS_SANITIZE=thread")


def case_tests_and_program_share_a_folder(tree):
    tree.good("app/run", "list")
    tree.good("tests/run")
    equal(len(tree.calls("cmake")), 2, "the tests are switched on")
    tree.good("app/run", "list")
    tree.good("tests/run")
    equal(tree.calls("cmake"), [], "and neither undoes the other's settings")


def case_benchmarks(tree):
    tree.lack("spy", "clock")
    tree.set("status", "7")
    tree.good("tests/run", "--bench", status=7)
    calls = tree.calls()
    equal(installations(calls), ["clock-dev"])
    contains([call for call in calls if call.startswith("cmake ")][0], "-DMANYHANDS_BENCHMARKS=ON")
    equal([call for call in calls if call.startswith("ctest ")], [])
    equal([start["program"] for start in tree.started()], ["manyhands-bench"])


def case_tests_usage(tree):
    for arguments in (["--frobnicate"], ["ring"], ["--sanitize"], ["--sanitize", "memory"], ["--only"], ["--only", ""],
                      ["--bench", "--sanitize", "address"], ["--soak", "--bench"]):
        process = tree.good("tests/run", *arguments, status=2)
        equal(process.messages.count("\n"), 1, process.messages)
        equal(process.stdoutput, "")
    contains(tree.good("tests/run", "--frobnicate", status=2).messages, "'--frobnicate'")
    for option in ("--sanitize", "--only", "--soak", "--bench", "--help"):
        contains(tree.good("tests/run", "--help").stdoutput, option)
    equal(tree.calls(), [], "nothing was started for it")


def case_interrupted_tests(tree):
    tree.set("ctest_hangs")
    for whole_group in (True, False):
        process = tree.start("tests/run")
        pid = tree.hanging()
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)
        equal(process.returncode, -signal.SIGTERM)
        wait_for(lambda: not alive(pid), "the tests to end")
        equal(list(tree.folder.glob("manyhands-tests.*")), [], "the temporary folder is left behind")


def case_ci_stops_at_the_first_failure(tree):
    process = tree.good(".ci/run")
    tests = [call for call in tree.calls() if call.startswith("ctest --")]
    equal([("/address" in call) for call in tests], [False, True])
    check(process.stdoutput.endswith("100% tests passed, 0 tests failed out of 7\n"), process.stdoutput)
    tree.set("ctest_fails")
    tree.good(".ci/run", status=8)
    equal(len([call for call in tree.calls() if call.startswith("ctest --")]), 1)


# --- With the real tools ---------------------------------------------------------------------------

SMALL_PROJECT = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.25)
project(Small LANGUAGES CXX)
option(BUILD_TESTING "" ON)
option(MANYHANDS_WERROR "" OFF)
set(MANYHANDS_SANITIZE none CACHE STRING "")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
add_custom_command(OUTPUT waited COMMAND sh ${PROJECT_SOURCE_DIR}/wait.sh ${PROJECT_SOURCE_DIR} COMMAND touch waited VERBATIM)
add_executable(manyhands main.cpp waited)
add_executable(manyhands-lesson main.cpp)
if(BUILD_TESTING)
    enable_testing()
    if(EXISTS ${PROJECT_SOURCE_DIR}/with_a_test)
        add_test(NAME one COMMAND manyhands)
    endif()
endif()
""",
    "main.cpp": '#include <cstdio>\nint main(int, char** argv) { std::printf("%s %s\\n", "first", argv[1] ? argv[1] : ""); }\n',
    "wait.sh": 'if [ -e "$1/slow" ]; then touch "$1/waiting"; sleep 60; fi\n',
}


def real(tree):
    for tool in ("cmake", "ninja", "ctest"):
        (tree.bin / tool).unlink()
    for tool in ("cmake", "ninja", "ctest", "c++", "g++", "gcc", "cc", "ld", "as", "ar", "ranlib", "nm", "objdump", "strip"):
        if not (tree.bin / tool).exists() and shutil.which(tool):
            (tree.bin / tool).symlink_to(shutil.which(tool))
    for name, text in SMALL_PROJECT.items():
        (tree.root / name).write_text(text)


def case_real_build_again_changed_and_moved(tree):
    real(tree)
    equal(tree.good("app/run", "x").stdoutput, "first x\n")
    program = tree.root / "build/bin/manyhands"
    times = program.stat().st_mtime_ns, (tree.root / "build/build.ninja").stat().st_mtime_ns
    equal(tree.good("app/run", "x").stdoutput, "first x\n")
    equal((program.stat().st_mtime_ns, (tree.root / "build/build.ninja").stat().st_mtime_ns), times, "built without need")
    (tree.root / "main.cpp").write_text(SMALL_PROJECT["main.cpp"].replace("first", "second"))
    equal(tree.good("app/run", "x").stdoutput, "second x\n")
    moved = tree.folder / "moved here"
    tree.root.rename(moved)
    tree.root = moved
    (tree.root / "main.cpp").write_text(SMALL_PROJECT["main.cpp"].replace("first", "third"))
    process = tree.good("app/run", "x")
    equal(process.stdoutput, "third x\n")
    contains(process.messages, "building anew")


def case_real_configuration_interrupted(tree):
    real(tree)
    for delay in (0.1, 0.3, 0.6):
        shutil.rmtree(tree.root / "build", ignore_errors=True)
        process = tree.start("app/run", "x")
        wait_for((tree.root / "build/configure.log").exists, "the configuration")
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=30)
        check(process.returncode in (-signal.SIGINT, 0), f"status {process.returncode}")
        equal(tree.good("app/run", "x").stdoutput, "first x\n")


def case_real_build_interrupted(tree):
    real(tree)
    (tree.root / "slow").touch()
    process = tree.start("app/run", "x")
    wait_for((tree.root / "waiting").exists, "the build")
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    equal(process.returncode, -signal.SIGINT)
    (tree.root / "slow").unlink()
    equal(tree.good("app/run", "x").stdoutput, "first x\n")


def case_real_compiler_error(tree):
    real(tree)
    (tree.root / "main.cpp").write_text("int main() { return nothing; }\n")
    contains(tree.good("app/run", "x", status=1).messages, "main.cpp:1:21: error:")


def case_real_tests_or_none(tree):
    real(tree)
    process = tree.run("tests/run")
    check(process.returncode not in (0, 2, 3), f"no test ran, and the status was {process.returncode}")
    (tree.root / "with_a_test").touch()
    (tree.root / "CMakeLists.txt").touch()
    contains(tree.good("tests/run").stdoutput, "100% tests passed")
    check(tree.run("tests/run", "--only", "two").returncode != 0, "no test of that name ran")


def main():
    cases = {name.removeprefix("case_"): case for name, case in globals().items() if name.startswith("case_")}
    chosen = sys.argv[1:] or list(cases)
    unknown = [name for name in chosen if name not in cases]
    if unknown:
        print(f"no case is called {', '.join(unknown)}; there are: {' '.join(cases)}", file=sys.stderr)
        return 2
    # What is ignored here, after & or nohup, would be ignored by the scripts as well.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    failed = 0
    for name in chosen:
        with tempfile.TemporaryDirectory(prefix="manyhands-scripts.") as folder:
            try:
                cases[name](Tree(folder))
                print(f"passed  {name.replace('_', ' ')}", flush=True)
            except (Failure, subprocess.TimeoutExpired, OSError, LookupError, ValueError) as failure:
                failed += 1
                print(f"FAILED  {name.replace('_', ' ')}: {type(failure).__name__}: {failure}", flush=True)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
