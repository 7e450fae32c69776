# SPDX-License-Identifier: MIT
"""Installs the package, builds the examples and the header's tutorial on it from outside the tree,
and looks at what they print and how they are opened.

Usage: tst_package.py SOURCE_FOLDER BUILD_FOLDER SANITIZER
"""
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest
from pathlib import Path

source, build, sanitizer = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
examples = source / "tests/engine/examples"

# What each prints before its summary; of a set, the lines come in any order.
PRINTED = {
    "array_by_slices": ["sum of the squares: 333833500"],
    "chunks": ["chunks: 11", "mean: 5000.000000"],
    "condition": ["all 3 are there", "a fourth one does not come"],
    "failures": [
        "exit code 1, std::invalid_argument: this cannot be done",
        "exit code -15",
        re.compile("task failed: .*division by zero.*"),
        re.compile("worker died: .*"),
        "the pool goes on: 25",
    ],
    "first_process": [
        "before the start: pid 0",
        "Hello, Ada!",
        "Hello, Ada!",
        "it was another process",
        "exit code 0",
        "exit code 3",
    ],
    "manager": ["words: 5", "hands: 5", "lengths: 4 4 4 5 5"],
    "meeting": [
        "inside before it opens: 0",
        "never more than two: true",
        "inside at the end: 0",
    ],
    "pipe": [
        "1 doubled is 2",
        "20 doubled is 40",
        "300 doubled is 600",
        "more to receive: no",
        "nobody is there any more",
        "exit code 0",
    ],
    "pool_async": [
        "submitted",
        "apply_async: 42",
        "callback: 8",
        "not there yet",
        "but now: 120",
        "imap_unordered: 2",
        "imap_unordered: 4",
        "imap_unordered: 16",
        "imap: 18",
        "imap: 2",
    ],
    "pool_map": [
        "the last square is 1000000",
        "other chunks, the same results",
        "area 6",
        "area 20",
        "area 42",
    ],
    "prime_counting": ["primes: 9592"],
    "producer_consumer": ["sum of all orders: 500500"],
    "queue": [f"{n} squared is {n * n}" for n in range(4)] + ["the queue is empty"],
    "shared_memory": ["bytes: 2048", f"sum of all points: {2048 * (31.5 + 15.5):.0f}"],
    "start_all_join_all": [
        {"all are started"} | {f"worker {n} is done" for n in range(1, 5)},
        "children alive: 0",
    ],
    "start_methods": [
        "spawn: number is 1",
        "fork: number is 2",
        "forkserver: number is 1",
        "here: number is 2",
    ],
    "threads": [
        "after the thread: 4 numbers",
        "in the process: 5 numbers",
        "after the process: 4 numbers",
    ],
    "value_and_lock": [
        re.compile("without a lock: [0-9]+ of 2000000"),
        "with the lock: 40000 of 40000",
    ],
}

TOUR = [
    "Hello from Ann",
    "Hello from Ann",
    "Ann ended with 0",
    {f"Hello from Worker-{n}" for n in range(1, 4)},
    "The sum is 5050",
    "How are you? Very well!",
    "The counter is 2000",
    "4 times 4 is 16, 12 times 12 is 144",
    "All three have met",
    "Ann is 31",
    "Clumsy ended with 1: std::runtime_error: I tripped",
]

TOUR_PROJECT = """cmake_minimum_required(VERSION 3.25)
project(tour LANGUAGES CXX)
find_package(Manyhands 0.1 REQUIRED)
manyhands_add_program(tour tour.cpp)
add_executable(ends ends.cpp)
target_link_libraries(ends PRIVATE Manyhands::engine)
# As compilers name a file that they were not given the whole name of.
target_compile_options(ends PRIVATE -fmacro-prefix-map=${CMAKE_SOURCE_DIR}=..)
"""

# Ends in the way that its parameter says, with a process under way.
ENDS = """
#include <csignal>
#include <cstdlib>
#include <manyhands.hpp>
#include <stdexcept>
#include <unistd.h>

void wait_long()
{
    ::pause();
}

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv,
        [](const manyhands::Given& given) {
            manyhands::Process process({}, wait_long);
            process.start();
            const std::string& how = given.choice("how");
            if (how == "throw")
                throw std::runtime_error("the main function threw");
            if (how == "throw_int")
                throw 7;
            if (how == "exit")
                std::exit(3);
            if (how == "exit_well")
                std::exit(0);
            if (how == "abort")
                std::abort();
            if (how == "mistake")
                given.whole("how");
        },
        {.parameters = {manyhands::choice("how", "How it ends",
             {"return", "throw", "throw_int", "exit", "exit_well", "abort", "mistake"})}});
}
"""

# Finds no package: this one is of an earlier version.
LATER_PROJECT = """cmake_minimum_required(VERSION 3.25)
project(later LANGUAGES CXX)
find_package(Manyhands 99 REQUIRED)
"""


def tutorial():
    """The program within the comment of <manyhands.hpp>: what is set in by five blanks."""
    text = (source / "engine/manyhands.hpp").read_text()
    lines = re.findall(r"^//(?:     (.*)|\s*$)", text.split("#pragma once")[0], re.M)
    return "\n".join(lines) + "\n"


def run(*words, **options):
    # A compiler cache with a base folder would give the compiler relative names.
    environment = dict(os.environ, LC_ALL="C.UTF-8", CCACHE_BASEDIR="")
    environment.pop("DISPLAY", None)
    return subprocess.run(
        [str(word) for word in words], text=True, capture_output=True, timeout=1500,
        stdin=subprocess.DEVNULL, env=environment, **options)


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Always the same one: a compiler cache knows what was built in it.
        cls.folder = build / "tst_package"
        shutil.rmtree(cls.folder, ignore_errors=True)
        cls.folder.mkdir()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        installed = cls.folder / "installed"
        cls.must(run("cmake", "--install", build, "--prefix", installed))
        # Nothing in it may remember where it was installed to.
        cls.prefix = cls.folder / "moved"
        installed.rename(cls.prefix)
        shutil.copytree(examples, cls.folder / "examples")
        cls.programs = cls.build("examples")
        cls.write("tour", TOUR_PROJECT)
        (cls.folder / "tour/tour.cpp").write_text(tutorial())
        (cls.folder / "tour/ends.cpp").write_text(ENDS)
        cls.tour = cls.build("tour") / "tour"
        cls.manyhands = cls.prefix / "bin/manyhands"

    @staticmethod
    def must(result):
        if result.returncode != 0:
            raise AssertionError(f"{result.args}:\n{result.stdout}{result.stderr}")
        return result

    @classmethod
    def write(cls, name, project):
        (cls.folder / name).mkdir()
        (cls.folder / name / "CMakeLists.txt").write_text(project)

    @classmethod
    def configure(cls, name):
        flags = "-Wall -Wextra -Werror"
        if sanitizer != "none":
            flags += f" -fsanitize={sanitizer}"
        words = ["cmake", "-S", cls.folder / name, "-B", cls.folder / name / "build", "-G", "Ninja",
                 f"-DCMAKE_PREFIX_PATH={cls.prefix}", f"-DCMAKE_CXX_FLAGS={flags}"]
        if shutil.which("ccache"):
            words.append("-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
        return run(*words)

    @classmethod
    def build(cls, name):
        cls.must(cls.configure(name))
        cls.must(run("cmake", "--build", cls.folder / name / "build", "-j", "2"))
        return cls.folder / name / "build"

    def check_lines(self, output, expected):
        lines = output.splitlines()
        for one in expected:
            count = len(one) if isinstance(one, set) else 1
            taken, lines = lines[:count], lines[count:]
            if isinstance(one, set):
                self.assertEqual(set(taken), one, output)
            elif isinstance(one, re.Pattern):
                self.assertTrue(taken and one.fullmatch(taken[0]), output)
            else:
                self.assertEqual(taken, [one], output)
        return lines

    def test_every_example_is_known(self):
        self.assertEqual({path.stem for path in examples.glob("*.cpp")}, set(PRINTED))

    def test_examples_alone(self):
        for name, expected in PRINTED.items():
            with self.subTest(name):
                result = self.must(run(self.programs / name))
                rest = self.check_lines(result.stdout, expected)
                title = "Counting primes" if name == "prime_counting" else name
                self.assertTrue(rest[0].startswith(title + ":"), result.stdout)
                self.assertEqual(result.stderr, "")

    def test_what_is_lost_without_a_lock(self):
        output = run(self.programs / "value_and_lock").stdout
        counted = int(re.search("without a lock: ([0-9]+)", output)[1])
        self.assertTrue(1 < counted <= 2000000, output)

    def test_tutorial(self):
        result = self.must(run(self.tour))
        rest = self.check_lines(result.stdout, TOUR)
        self.assertTrue(rest[0].startswith("tour:"), result.stdout)

    def test_later_version_is_not_found(self):
        self.write("later", LATER_PROJECT)
        result = self.configure("later")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("version: 0.1.0", result.stderr)

    def test_described(self):
        program = self.programs / "first_process"
        lesson = json.loads(self.must(run(self.manyhands, "describe", program, "--json")).stdout)
        self.assertEqual(lesson["id"], "first_process")
        self.assertEqual(lesson["title"], "first_process")
        self.assertEqual(lesson["text"], "")
        self.assertEqual(lesson["parameters"], [])
        self.assertFalse(lesson["baseline"])
        # Not embedded: the file that it was built from.
        shown = self.folder / "examples/first_process.cpp"
        self.assertEqual([file["path"] for file in lesson["sources"]], [str(shown)])
        self.assertEqual(lesson["sources"][0]["text"], shown.read_text())

    def test_source_that_was_changed_is_not_shown(self):
        program, shown = self.programs / "chunks", self.folder / "examples/chunks.cpp"
        def sources():
            return json.loads(run(program, "--describe", "chunks").stdout)["sources"]
        self.assertEqual(len(sources()), 1)
        os.utime(shown)
        self.assertEqual(sources(), [])

    def test_source_that_was_named_from_the_build_folder(self):
        lesson = json.loads(run(self.tour.parent / "ends", "--describe", "ends").stdout)
        self.assertEqual([file["path"] for file in lesson["sources"]], ["../ends.cpp"])
        self.assertEqual(lesson["sources"][0]["text"], ENDS)

    def test_embedded(self):
        program = shutil.copy(self.programs / "prime_counting", self.folder / "primes")
        lesson = json.loads(self.must(run(program, "--describe", "primes")).stdout)
        self.assertEqual(lesson["title"], "Counting primes")
        self.assertEqual(lesson["text"], (examples / "prime_counting.md").read_text())
        self.assertEqual([one["path"] for one in lesson["sources"]], ["prime_counting.cpp"])
        self.assertEqual(lesson["sources"][0]["text"], (examples / "prime_counting.cpp").read_text())
        self.assertEqual([one["name"] for one in lesson["parameters"]], ["limit", "workers"])
        if sanitizer == "none":  # which keeps the file of each global variable for its reports
            self.assertNotIn(str(self.folder).encode(), Path(program).read_bytes())

    def test_listed(self):
        result = self.must(run(self.manyhands, "list", self.programs / "prime_counting"))
        self.assertEqual(result.stdout, "prime_counting  Counting primes\n")
        self.assertIn("prime_counting", self.must(run(self.manyhands, "list")).stdout)

    def test_run(self):
        program = self.programs / "start_all_join_all"
        result = self.must(run(self.manyhands, "run", program, "--json", "--quiet"))
        self.assertEqual(result.stderr, "")
        report = json.loads(result.stdout)
        self.assertEqual(report["lesson"], "start_all_join_all")
        self.assertEqual(report["state"], "done")
        self.assertEqual(report["sequential_s"], None)
        self.assertEqual([one["name"] for one in report["processes"]],
                         ["main"] + [f"Process-{n}" for n in range(1, 5)])
        self.assertEqual([one["exit"] for one in report["processes"]], [0] * 5)

    def test_functions_are_told_as_computing(self):
        spans = self.folder / "spans.csv"
        for name, lanes in (("threads", {"main", "Thread", "Process"}),
                            ("pipe", {"main", "Doubler"})):
            self.must(run(self.manyhands, "run", self.programs / name, "--quiet", "--csv",
                          f"spans={spans}"))
            with spans.open(newline="") as file:
                # The outermost one: what a lane waits for lies within it.
                computing = {row["process"] for row in csv.DictReader(file)
                             if row["state"] == "computing" and row["depth"] == "0"}
            self.assertEqual(computing, lanes, name)

    def test_parameters(self):
        program = self.programs / "prime_counting"
        # Alone, its name need not be said.
        self.check_lines(self.must(run(program, "limit=100", "workers=1")).stdout, ["primes: 25"])
        words = ("run", program, "limit=1000", "workers=3", "--json", "--quiet")
        report = json.loads(self.must(run(self.manyhands, *words)).stdout)
        self.assertEqual(report["parameters"], {"limit": 1000, "workers": 3})
        self.assertEqual(len(report["processes"]), 4)
        self.assertIn("workers=2  Worker processes: 1 to 64", run(program, "--help").stdout)
        for word in ("workers=0", "colour=red", "3"):
            refused = run(program, word)
            self.assertEqual(refused.returncode, 2, word)
            self.assertEqual(refused.stderr.count("\n"), 1, refused.stderr)

    def test_ends(self):
        program = self.tour.parent / "ends"
        self.assertEqual(self.must(run(program)).stderr, "")
        for how, words in {
            "throw": "the main function threw",
            "throw_int": "no std::exception",
            "exit": "called exit(3)",
            "exit_well": "called exit(0)",
            "mistake": "parameter how was not declared as a whole number",
        }.items():
            with self.subTest(how):
                alone = run(program, f"how={how}")
                self.assertEqual(alone.returncode, 1, alone.stderr)
                self.assertEqual(alone.stderr.count("\n"), 1, alone.stderr)
                self.assertIn(words, alone.stderr)
                watched = run(self.manyhands, "run", program, f"how={how}", "--json", "--quiet")
                self.assertEqual(watched.returncode, 1, watched.stderr)
                self.assertEqual(watched.stderr.count("\n"), 1, watched.stderr)
                self.assertIn(words, watched.stderr)
                self.assertEqual(json.loads(watched.stdout)["state"], "failed")
        self.assertEqual(run(program, "how=abort").returncode, -signal.SIGABRT)
        watched = run(self.manyhands, "run", program, "how=abort", "--quiet")
        self.assertEqual(watched.returncode, 1)
        self.assertIn("killed by signal 6", watched.stderr)
        found = run("pgrep", "-f", str(program))
        self.assertEqual(found.stdout, "")

    def test_sweep(self):
        program = self.programs / "prime_counting"
        result = self.must(run(self.manyhands, "sweep", program, "limit=1000", "--over",
                               "workers=1,2", "--repeat", "1", "--json", "--quiet"))
        runs = json.loads(result.stdout)["runs"]
        self.assertEqual([one["parameters"]["workers"] for one in runs], [1, 2])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
