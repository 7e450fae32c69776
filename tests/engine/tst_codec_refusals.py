# SPDX-License-Identifier: MIT
"""Has the compiler refuse what cannot cross between processes, and looks for the words of it.

Usage: tst_codec_refusals.py COMPILER INCLUDE_FOLDER...
"""
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

compiler, folders = sys.argv[1], sys.argv[2:]

PROLOGUE = """
#include "engine/ipc/codec.hpp"
#include "engine/ipc/connection.hpp"
#include "engine/os/descriptor.hpp"
#include <fstream>
#include <future>
#include <mutex>
#include <thread>
struct Silent { std::string text; };
struct Friendly {
    std::string text;
    template <class Archive> void serialize(Archive& archive) { archive(text); }
};
struct Point { int x; int y; };
inline auto lambda = [text = std::string("x")] { return text.size(); };
template <class T> void sent(const T& value) {
    std::vector<std::byte> bytes;
    manyhands::codec::encode(bytes, value);
}
template <class T> void received(std::span<const std::byte> bytes) {
    manyhands::codec::decode<T>(bytes);
}
"""

POINTER = "A pointer cannot be sent to another process"
REFERENCE = "A reference cannot be sent to another process"
VIEW = "A view (std::string_view, std::span) cannot be sent to another process"
FUNCTION = "A function object (a lambda, a std::function) cannot be sent to another process"
HANDLE = "A handle (a thread, a mutex, a file: what cannot be copied) cannot be sent"
END = "An end of a pipe cannot be sent in a message or with a task of a pool"
SILENT = "Nothing says how this type is sent to another process"

REFUSED = {
    "int*": POINTER,
    "const char*": POINTER,
    "int Point::*": POINTER,
    "std::nullptr_t": POINTER,
    "FILE*": POINTER,
    "std::unique_ptr<int>": POINTER,
    "std::shared_ptr<int>": POINTER,
    "std::weak_ptr<int>": POINTER,
    "std::vector<int*>": POINTER,
    "std::array<int*, 2>": POINTER,
    "std::optional<int*>": POINTER,
    "std::pair<int, char*>": POINTER,
    "std::tuple<int, std::vector<std::shared_ptr<int>>>": POINTER,
    "std::map<std::string, int*>": POINTER,
    "std::variant<int, int*>": POINTER,
    "std::reference_wrapper<int>": REFERENCE,
    "std::vector<std::reference_wrapper<int>>": REFERENCE,
    "std::string_view": VIEW,
    "std::vector<std::string_view>": VIEW,
    "std::map<int, std::span<int>>": VIEW,
    "std::span<double*>": POINTER,
    "std::function<void()>": FUNCTION,
    "decltype(lambda)": FUNCTION,
    "std::pair<int, std::function<int(int)>>": FUNCTION,
    "std::thread": HANDLE,
    "std::mutex": HANDLE,
    "std::future<int>": HANDLE,
    "std::ofstream": HANDLE,
    "manyhands::os::Descriptor": HANDLE,
    "std::vector<std::thread>": HANDLE,
    "manyhands::Connection<int>": END,
    "std::vector<manyhands::Connection<int>>": END,
    "std::pair<int, manyhands::Connection<int>>": END,
    "Silent": SILENT,
}
ACCEPTED = ["int", "Point", "Friendly", "std::string", "std::vector<Point>", "std::span<const int>",
    "std::map<std::string, Point>", "std::vector<Friendly>", "std::optional<Friendly>",
    "std::tuple<int, Point, std::string>", "std::array<std::string, 2>", "int[3]"]


def function(number, type_name):
    """A line that sends one."""
    return (f"void f{number}(const std::type_identity_t<{type_name}>& value) "
        f"{{ sent<{type_name}>(value); }}")


def compiled(lines):
    """The compiler's messages; line N of `lines` is line N of the file."""
    with tempfile.TemporaryDirectory() as folder:
        prologue = Path(folder, "prologue.hpp")
        prologue.write_text(PROLOGUE, encoding="utf-8")
        source = Path(folder, "snippets.cpp")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [compiler, "-std=c++20", "-fsyntax-only", "-fmax-errors=0",
            "-include", str(prologue)]
        command += [word for one in folders for word in ("-I", one)]
        done = subprocess.run(command + [str(source)], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"}, check=False)
    return done.returncode, done.stderr


class Refusals(unittest.TestCase):
    def test_words(self):
        types = list(REFUSED)
        code, text = compiled(function(i, one) for i, one in enumerate(types))
        self.assertNotEqual(code, 0)
        said = {}
        line = 0
        for one in text.splitlines():
            if found := re.search(r"snippets\.cpp:(\d+):\d+:\s+required from here", one):
                line = int(found[1])
            if found := re.search(r"static assertion failed: (.*)", one):
                said.setdefault(line, []).append(found[1])
        for i, one in enumerate(types):
            with self.subTest(type=one):
                self.assertTrue(any(REFUSED[one] in words for words in said.get(i + 1, [])),
                    f"{one}: {said.get(i + 1)}")

    def test_decoding_refuses_too(self):
        code, text = compiled(f"void f{i}(const {one}& value) {{ sent(value); }}"
            if "::*" not in one else f"void f{i}({one} value) {{ sent(value); }}"
            for i, one in enumerate(types))
        self.assertNotEqual(code, 0)
        said = {}
        line = 0
        for one in text.splitlines():
            if found := re.search(r"snippets\.cpp:(\d+):\d+:\s+required from here", one):
                line = int(found[1])
            if found := re.search(r"static assertion failed: (.*)", one):
                said.setdefault(line, []).append(found[1])
        for i, one in enumerate(types):
            with self.subTest(type=one):
                self.assertTrue(any(REFUSED[one] in words for words in said.get(i + 1, [])),
                    f"{one}: {said.get(i + 1)}")

    def test_decoding_refuses_too(self):
        code, text = compiled(["template void received<int*>(std::span<const std::byte>);"])
        self.assertNotEqual(code, 0)
        self.assertIn(POINTER, text)

    def test_what_can_cross(self):
        code, text = compiled(function(i, one) for i, one in enumerate(ACCEPTED))
        self.assertEqual((code, text), (0, ""))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
