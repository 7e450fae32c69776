// SPDX-License-Identifier: MIT
#include "watch_fixture.hpp"

#include "engine/os/clock.hpp"
#include "engine/os/descriptor.hpp"
#include "engine/recording/recording_builder.hpp"
#include "engine/trace/reader.hpp"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <map>
#include <optional>
#include <unistd.h>

using namespace manyhands;

namespace {

constexpr int watchdog_ms = 120'000;

std::string text_of(EventKind kind)
{
    return "event " + std::to_string(static_cast<int>(kind));
}

// Whether a process is there, and not only as a zombie.
bool lives(int pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray all = file.readAll();
    const auto name_end = all.lastIndexOf(')');
    return name_end > 0 && all.size() > name_end + 2 && all[name_end + 2] != 'Z';
}

// What the builder would forgive: states that do not nest, times that run backwards.
class Strictness
{
public:
    void look(const std::string& lane, const TraceEvent& event, std::vector<std::string>& problems)
    {
        if (event.ticks < last_ticks_ && !may_be_earlier(event.kind))
            problems.push_back(lane + ": time runs backwards at " + text_of(event.kind));
        last_ticks_ = std::max(last_ticks_, event.ticks);
        const auto state = static_cast<State>(event.detail);
        if (event.kind == EventKind::state_begin)
            open_.push_back(state);
        else if (event.kind == EventKind::task_begun)
            open_.push_back(State::computing);
        else if (event.kind == EventKind::state_end)
            close(lane, state, problems);
        else if (event.kind == EventKind::task_done || event.kind == EventKind::task_failed)
            close(lane, State::computing, problems);
        else if (event.kind == EventKind::process_exiting)
            open_.clear();
    }

private:
    // What another thread tells may come between a moment and its telling.
    static bool may_be_earlier(EventKind kind)
    {
        return kind == EventKind::message_sent || kind == EventKind::state_begin
            || kind == EventKind::state_end || kind == EventKind::task_begun;
    }
    void close(const std::string& lane, State state, std::vector<std::string>& problems)
    {
        if (open_.empty() || open_.back() != state) {
            problems.push_back(lane + ": end of " + std::string(name_of(state)) + " within "
                + (open_.empty() ? "nothing" : std::string(name_of(open_.back()))));
            return;
        }
        open_.pop_back();
    }

    std::vector<State> open_;
    std::uint64_t last_ticks_ = 0;
};

// The host: one segment, the requests of its processes, and what they tell.
class Host
{
public:
    explicit Host(const WatchOptions& options)
        : options_(options)
        , segment_(SegmentOptions{.only_engine_writes = false})
        , requests_(os::make_pipe())
        , reader_(segment_, RingReading::taking)
        , builder_(os::Clock(segment_.header().clock), os::Clock(segment_.header().clock).ticks())
    {
        segment_.header().layout_version = options.layout_version;
        ::fcntl(requests_.read.get(), F_SETFL, O_NONBLOCK);
    }

    void add_to(QProcessEnvironment& environment) const
    {
        const auto path = [](int descriptor) {
            return QStringLiteral("/proc/%1/fd/%2").arg(::getpid()).arg(descriptor);
        };
        environment.insert("MANYHANDS_SEGMENT", path(segment_.descriptor()));
        environment.insert("MANYHANDS_REQUESTS", path(requests_.write.get()));
        environment.insert("PYTHONPATH", MANYHANDS_SOURCE_DIR "/lessons/python_tracer");
        environment.insert("PYTHONPYCACHEPREFIX", MANYHANDS_BINARY_DIR "/../python_cache");
    }

    // One round: answers who asks, reads what is new, ends the lanes of those who are gone.
    void round()
    {
        char buffer[4096];
        const ssize_t count = ::read(requests_.read.get(), buffer, sizeof buffer);
        if (count > 0)
            asked_.append(buffer, static_cast<std::size_t>(count));
        for (auto end = asked_.find('\n'); end != std::string::npos; end = asked_.find('\n')) {
            if (options_.answers)
                give_slot(asked_.substr(0, end));
            asked_.erase(0, end + 1);
        }
        drain();
    }

    bool anybody() const
    {
        return std::any_of(pids_.begin(), pids_.end(), [](const auto& one) { return one.second; });
    }
    Recording take() && { return std::move(builder_).take(); }
    const std::vector<std::string>& problems() const { return problems_; }

private:
    void give_slot(const std::string& line)
    {
        const QStringList fields = QString::fromStdString(line).split('\t');
        if (fields.size() != 6 || fields[0] != "register") {
            problems_.push_back("a request that is none: " + line);
            return;
        }
        const std::uint32_t number = fields[4] == "main" ? main_slot : free_slot();
        Slot& slot = segment_.slot(number);
        segment_.back_slot(number);
        segment_.clear_slot(number);
        set_name(slot, fields[5].toStdString());
        slot.role = fields[4] == "main" ? Role::main
            : fields[4] == "server"     ? Role::server
                                        : Role::worker;
        for (const StartMethod method :
            {StartMethod::none, StartMethod::spawn, StartMethod::fork, StartMethod::forkserver}) {
            if (fields[3].toStdString() == name_of(method))
                slot.start_method = method;
        }
        slot.pid.store(fields[1].toInt());
        slot.start_ticks.store(os::Clock(segment_.header().clock).ticks());
        slot.task.store(0);
        slot.tasks_done.store(0);
        slot.generation.fetch_add(1);
        slot.state.store(static_cast<std::uint32_t>(SlotState::running));
        if (segment_.header().slots_used.load() <= number)
            segment_.header().slots_used.store(number + 1);
        pids_[number] = fields[1].toInt();
        slot.writer.store(static_cast<std::uint32_t>(SlotWriter::traced_by_itself));
    }

    std::uint32_t free_slot() const
    {
        std::uint32_t number = main_slot + 1;
        while (pids_.contains(number) && pids_.at(number) != 0)
            ++number;
        return number;
    }

    void drain()
    {
        for (std::uint32_t number = 0; number < reader_.slots_used(); ++number) {
            Slot& slot = segment_.slot(number);
            const bool gone = pids_[number] != 0 && !lives(pids_[number]);
            if (gone) {
                slot.end_ticks.store(os::Clock(segment_.header().clock).ticks());
                slot.writer.store(0);
                slot.state.store(static_cast<std::uint32_t>(SlotState::ended));
            }
            if (const auto info = reader_.started(number)) {
                lanes_[number] = builder_.start_lane({.name = info->name,
                    .pid = info->pid,
                    .role = info->role,
                    .start_method = info->start_method,
                    .start_ticks = info->start_ticks,
                    .slot = number,
                    .generation = info->generation});
                strict_[number] = {};
            }
            if (!reader_.reading(number) || (!gone && !options_.reads))
                continue;
            read(number);
            if (!gone)
                continue;
            reader_.started(number);
            const auto end = reader_.ended(number);
            builder_.end_lane(lanes_[number],
                {.end_ticks = end ? end->end_ticks : slot.end_ticks.load(), .exit = {}});
            pids_[number] = 0;
        }
    }

    void read(std::uint32_t number)
    {
        const std::uint32_t lane = lanes_[number];
        const std::string name = builder_.recording().lanes()[lane].name;
        std::vector<TraceEvent> events;
        while (reader_.events(number, events, 4096) != 0) { }
        // Texts behind the events: a name is there before what is told of it.
        TextRecord record;
        while (reader_.text(number, record))
            builder_.text(lane, record);
        for (const TraceEvent& event : events)
            strict_[number].look(name, event, problems_);
        builder_.apply(lane, events);
        const SlotFigures figures = reader_.figures(number);
        builder_.counters(
            lane, figures.tasks_done, 0, figures.events_dropped, figures.text_dropped);
        if (figures.damaged)
            builder_.damaged(lane);
    }

    WatchOptions options_;
    Segment segment_;
    os::PipeEnds requests_;
    SegmentReader reader_;
    RecordingBuilder builder_;
    std::string asked_;
    std::map<std::uint32_t, int> pids_; // of slots; 0 once it is gone
    std::map<std::uint32_t, std::uint32_t> lanes_;
    std::map<std::uint32_t, Strictness> strict_;
    std::vector<std::string> problems_;
};

} // namespace

const Lane& WatchedRun::lane(const std::string& name) const
{
    for (const Lane& lane : recording.lanes()) {
        if (lane.name == name)
            return lane;
    }
    QTest::qFail(("no lane " + name).c_str(), __FILE__, __LINE__);
    static const Lane none;
    return none;
}

bool WatchedRun::has_lane(const std::string& name) const
{
    const auto& lanes = recording.lanes();
    return std::any_of(
        lanes.begin(), lanes.end(), [&](const Lane& lane) { return lane.name == name; });
}

WatchedRun run_python(const std::string& script, const WatchOptions& options)
{
    WatchedRun run;
    Host host(options);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PYTHONHASHSEED", "0");
    if (options.watched)
        host.add_to(environment);
    QProcess process;
    process.setProcessEnvironment(environment);
    QStringList arguments{QString::fromStdString(script)};
    for (const std::string& argument : options.arguments)
        arguments << QString::fromStdString(argument);
    process.start(MANYHANDS_PYTHON, arguments);
    QElapsedTimer time;
    time.start();
    while (!process.waitForFinished(1)) {
        host.round();
        if (time.elapsed() > watchdog_ms || process.error() == QProcess::FailedToStart) {
            process.kill();
            process.waitForFinished();
            QTest::qFail("the program has not ended", __FILE__, __LINE__);
            break;
        }
    }
    do
        host.round();
    while (host.anybody() && time.elapsed() < watchdog_ms);
    run.exit
        = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    run.output = process.readAllStandardOutput().toStdString();
    run.errors = process.readAllStandardError().toStdString();
    run.problems = host.problems();
    run.recording = std::move(host).take();
    return run;
}
