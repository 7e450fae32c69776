// SPDX-License-Identifier: MIT
// Run files: opening and saving a run of a million spans, and the memory that this takes beside the
// recording.
#include "engine/observe/run_file.hpp"
#include "engine/os/clock.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/os/error.hpp"
#include "engine/recording/recording_builder.hpp"
#include "tests/bench/harness.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <malloc.h>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace manyhands::bench {
namespace {

namespace fs = std::filesystem;

constexpr int rounds = 7;
constexpr std::uint32_t lanes = 64;

// A run as a pool's is: tasks of 3 us, each with a message in it, both known by their place.
Recording recording_of(std::uint64_t spans)
{
    RecordingBuilder builder(
        os::Clock({os::ClockSource::monotonic, 0, {0, 0}, {1'000'000'000, 1'000'000'000}}), 0);
    constexpr std::uint64_t task_ns = 3001;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
        LaneStart start;
        start.name = lane == 0 ? "main" : "Worker-" + std::to_string(lane);
        start.pid = 4'000'000 + static_cast<int>(lane);
        start.role = lane == 0 ? Role::main : Role::worker;
        start.slot = lane;
        start.starting = false;
        builder.start_lane(start);
        builder.text(lane, {TextKind::place, 1, "lessons/prime_counting/program.cpp\n78\nwork"});
        std::uint64_t time = 1'000'000;
        for (std::uint64_t i = 0; i < spans / lanes / 2; ++i, time += task_ns) {
            const auto state = [&](std::uint64_t at, EventKind kind, State what, std::uint32_t of) {
                return TraceEvent{time + at, 0, of, 1, kind, static_cast<std::uint8_t>(what)};
            };
            const std::array<TraceEvent, 4> events = {
                state(0, EventKind::state_begin, State::computing, static_cast<std::uint32_t>(i)),
                state(2000, EventKind::state_begin, State::sending, 0),
                state(2100, EventKind::state_end, State::sending, 0),
                state(2900, EventKind::state_end, State::computing, 0)};
            builder.apply(lane, events);
        }
        LaneEnd end;
        end.end_ticks = time;
        end.exit = 0;
        builder.end_lane(lane, end);
    }
    return std::move(builder).take();
}

FinishedRun run_of(std::uint64_t spans)
{
    FinishedRun run;
    run.lesson.id = run.description.id = "run_files";
    run.recording = std::make_shared<const Recording>(recording_of(spans));
    return run;
}

// A folder of this figure's own.
class Folder
{
public:
    Folder()
    {
        std::string name = (fs::temp_directory_path() / "manyhands-bench-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw Error({.object = name, .problem = "could not be made"});
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(path_); }

    fs::path operator/(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

double milliseconds(const std::function<void()>& work)
{
    const std::int64_t begin = os::monotonic_ns();
    work();
    return static_cast<double>(os::monotonic_ns() - begin) / 1e6;
}

std::string bytes_of(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// As save_run() does at the least: all bytes, brought to the disk.
void write_bytes(const fs::path& path, const std::string& bytes)
{
    const os::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!os::write_all(file.get(), bytes) || ::fsync(file.get()) != 0)
        throw Error({.object = path.string(), .problem = "could not be written"});
}

// What the parser alone takes.
struct Nothing : nlohmann::json_sax<nlohmann::json>
{
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) override
    {
        return false;
    }
};

std::vector<Row> times(const Folder& folder)
{
    constexpr std::uint64_t spans = 1'000'000;
    const FinishedRun run = run_of(spans);
    const fs::path path = folder / "run.json";
    save_run(run, path);
    const std::string text = bytes_of(path);
    const auto of_size
        = [](std::size_t bytes) { return std::to_string((bytes + 500'000) / 1'000'000) + " MB"; };

    Row open = paired_row("run files: open 1,000,000 spans", "ms",
        measure_in_turn(
            rounds,
            [&] {
                FinishedRun opened;
                return milliseconds([&] { opened = open_run(path); });
            },
            [&] {
                Nothing nothing;
                return milliseconds(
                    [&] { nlohmann::json::sax_parse(text.begin(), text.end(), &nothing); });
            }),
        "the JSON parser alone");
    open.goal = Goal::value_at_most;
    open.target = 1500;
    open.note = of_size(text.size());

    Row save = paired_row("run files: save 1,000,000 spans", "ms",
        measure_in_turn(
            rounds, [&] { return milliseconds([&] { save_run(run, path); }); },
            [&] { return milliseconds([&] { write_bytes(folder / "floor.json", text); }); }),
        "the same bytes, written and synced");
    save.goal = Goal::value_at_most;
    save.target = 1000;
    save.note = of_size(text.size());

    const fs::path packed = folder / "run.json.gz";
    std::vector<double> saved;
    std::vector<double> opened;
    for (int i = 0; i < 3; ++i) {
        saved.push_back(milliseconds([&] { save_run(run, packed); }));
        opened.push_back(milliseconds([&] { open_run(packed); }));
    }
    const std::string size = of_size(fs::file_size(packed));
    return {open, save,
        {.name = "run files: the same opened from .json.gz",
            .unit = "ms",
            .samples = opened.size(),
            .ours = quartiles(opened),
            .note = size},
        {.name = "run files: the same saved to .json.gz",
            .unit = "ms",
            .samples = saved.size(),
            .ours = quartiles(saved),
            .note = size}};
}

// Of this process, in MB: "VmHWM" the most it ever held, "VmRSS" what it holds now.
double memory_mb(const std::string& what)
{
    std::ifstream file("/proc/self/status");
    std::string word;
    double kib = 0;
    while (file >> word) {
        if (word == what + ':') {
            file >> kib;
            break;
        }
    }
    return kib * 1024 / 1e6;
}

// What `work` returns, in a process of its own.
double in_a_child(const std::function<double()>& work)
{
    const os::PipeEnds pipe = os::make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        double figure = -1;
        try {
            figure = work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "run files: %s\n", error.what());
        }
        const bool told = ::write(pipe.write.get(), &figure, sizeof figure) == sizeof figure;
        ::_exit(told ? 0 : 1);
    }
    double figure = -1;
    const bool told = ::read(pipe.read.get(), &figure, sizeof figure) == sizeof figure;
    ::waitpid(child, nullptr, 0);
    if (!told || figure < 0)
        throw Error({.object = "run files", .problem = "memory could not be measured"});
    return figure;
}

// The kernel counts a peak now and then only: it may be less than what there is.
double beyond(double peak, double least)
{
    return std::max(0.0, peak - least);
}

void forget_peak()
{
    std::ofstream("/proc/self/clear_refs") << 5;
}

std::vector<Row> memory(const Folder& folder)
{
    constexpr std::uint64_t spans = 5'000'000; // of a begin and an end each
    const fs::path path = folder / "large.json";
    const double saving = in_a_child([&] {
        const FinishedRun run = run_of(spans);
        ::malloc_trim(0);
        forget_peak();
        const double before = memory_mb("VmRSS");
        save_run(run, path);
        return beyond(memory_mb("VmHWM"), before);
    });
    const double opening = in_a_child([&] {
        ::malloc_trim(0);
        forget_peak();
        const FinishedRun run = open_run(path);
        const double most = memory_mb("VmHWM");
        ::malloc_trim(0);
        return beyond(most, memory_mb("VmRSS"));
    });
    const auto row = [](std::string name, double value) {
        return Row{.name = std::move(name),
            .unit = "MB",
            .samples = 1,
            .ours = {value, value, value},
            .goal = Goal::value_at_most,
            .target = 200,
            .note = "peak beside the recording"};
    };
    return {row("run files: memory to save 10,000,000 events", saving),
        row("run files: memory to open 10,000,000 events", opening)};
}

std::vector<Row> measure()
{
    const Folder folder;
    std::vector<Row> rows = memory(folder);
    for (Row& row : times(folder))
        rows.push_back(std::move(row));
    return rows;
}

} // namespace

const Figure run_files = {"run_files", measure};

} // namespace manyhands::bench
