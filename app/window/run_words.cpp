// SPDX-License-Identifier: GPL-3.0-or-later
// What the window says of a run in words: its status in a line, and what is to be known of it.
#include "app/window/run_words.hpp"

#include "app/guide/results_pane.hpp"
#include "app/views/run_facts.hpp"
#include "app/views/wording.hpp"

#include <QCoreApplication>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace manyhands::app {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("manyhands::app::RunWords", text);
}

bool has(const std::vector<std::string>& marks, const char* mark)
{
    return std::find(marks.begin(), marks.end(), mark) != marks.end();
}

/// What both a live and a finished run have.
struct Told
{
    const std::optional<ResultDocument>& document;
    const std::string& problem;
    std::uint64_t dropped;
    std::vector<std::string> marks;
    int workers;
    int usableCpus;
    QStringList notes;
};

/// What a watched program's host had to say.
QStringList notesOf(const FinishedRun& run)
{
    QStringList notes;
    if (run.description.id != watched_id || !run.document || !run.document->result.is_object())
        return notes;
    for (const auto& note : run.document->result.value("notes", nlohmann::json::array())) {
        if (note.is_string())
            notes.append(QString::fromStdString(note.get<std::string>()));
    }
    return notes;
}

QStringList messagesFrom(const Told& told)
{
    QStringList messages;
    if (told.document) {
        for (const Failure& failure : told.document->failures)
            messages.append(failureText(failure));
    }
    if (!told.problem.empty())
        messages.append(tr("✕ %1").arg(QString::fromStdString(told.problem)));
    for (const QString& text : told.notes)
        messages.append(tr("• %1.").arg(text));
    if (told.dropped > 0) {
        messages.append(tr("⚠ %1 lost: the charts are incomplete.").arg(eventsText(told.dropped)));
    }
    const auto note = [&](const char* mark, const QString& text) {
        if (has(told.marks, mark))
            messages.append(text);
    };
    note("partial", tr("⚠ Partial: the run did not come to its end; not for measuring."));
    note("paused", tr("⚠ Paused on the way: not for measuring."));
    note("slowed", tr("⚠ In slow motion: not for measuring."));
    note("stepped", tr("⚠ Step by step: not for measuring."));
    note("oversubscribed",
        tr("⚠ Oversubscribed: %1 share %2, so they wait for each other's turn.")
            .arg(workersText(static_cast<std::uint64_t>(std::max(0, told.workers))),
                cpusText(static_cast<std::uint64_t>(std::max(0, told.usableCpus)))));
    note("busy_machine", tr("⚠ Other programs kept this machine busy: times are too long."));
    note("sampled",
        tr("• Some lanes are sampled from outside: what is shorter than the time between two "
           "looks is not seen (see Guide)."));
    note("unseen", tr("⚠ More processes at once than can be shown: some have no lane."));
    note("summarised", tr("• So many messages that some are shown in sums (summarised)."));
    return messages;
}

QString stateText(RunState state)
{
    switch (state) {
    case RunState::running:
        return tr("▶ running");
    case RunState::stopping:
        return tr("■ stopping");
    case RunState::done:
        return tr("✓ done");
    case RunState::stopped:
        return tr("■ stopped, partial");
    case RunState::timed_out:
        return tr("■ timed out, partial");
    case RunState::failed:
        return tr("✕ failed");
    }
    return {};
}

/// "baseline 2 of 5": a single one needs no number.
QString phaseText(const Session::Progress& progress)
{
    if (!progress.phase)
        return tr("▶ starting");
    const QString word = wordFor(*progress.phase);
    if (progress.repeats < 2 || *progress.phase == PhaseKind::warm_up)
        return tr("▶ %1").arg(word);
    return tr("▶ %1 %2 of %3").arg(word).arg(progress.number + 1).arg(progress.repeats);
}

} // namespace

std::optional<double> secondsLeft(const Session& session)
{
    const int all = session.progress().repeats;
    const auto done = static_cast<int>(session.repeats().size());
    if (done < 1 || all < 2)
        return std::nullopt;
    double taken = 0;
    for (const Repeat& repeat : session.repeats())
        taken += repeat.wall_s + repeat.sequential_s.value_or(0);
    return taken / done * std::max(0, all - done);
}

QString statusOf(const Session& session)
{
    const Session::Progress progress = session.progress();
    const bool running = session.state() == RunState::running;
    QStringList parts;
    if (running && session.paused())
        parts.append(tr("▮▮ paused, not for measuring (Ctrl+P goes on)"));
    else
        parts.append(running ? phaseText(progress) : stateText(session.state()));
    parts.append(durationText(progress.elapsed_s));
    if (const auto left = secondsLeft(session); left && running)
        parts.append(tr("about %1 left").arg(durationText(*left)));
    parts.append(
        tr("%1 alive").arg(processesText(static_cast<std::uint64_t>(std::max(0, progress.alive)))));
    if (const std::size_t held = session.held().size(); held > 0 && running)
        parts.append(tr("%1 held at a gate").arg(countText(held)));
    parts.append(eventsText(progress.events));
    parts.append(tr("%1 dropped").arg(countText(progress.dropped)));
    return parts.join(tr(" · "));
}

QString statusOf(const FinishedRun& run)
{
    if (run.foreign) {
        return QStringList{tr("trace of another program"),
            threadsText(run.recording->lanes().size()), eventsText(run.events)}
            .join(tr(" · "));
    }
    QStringList parts = {stateText(run.state)};
    if (run.shown_repeat < run.repeats.size())
        parts.append(durationText(run.repeats[run.shown_repeat].wall_s));
    if (run.repeats.size() > 1) {
        parts.append(tr("repeat %1 of %2").arg(run.shown_repeat + 1).arg(run.repeats.size()));
    }
    parts.append(processesText(run.recording->lanes().size()));
    parts.append(eventsText(run.events));
    parts.append(tr("%1 dropped").arg(countText(run.dropped)));
    return parts.join(tr(" · "));
}

QStringList messagesOf(const Session& session)
{
    QStringList notes;
    for (const std::string& note : session.notes())
        notes.append(QString::fromStdString(note));
    return messagesFrom({session.document(), session.problem(), session.progress().dropped,
        session.marks(),
        workersOf(session.options().description, session.options().parameters, session.recording()),
        session.machine().usable_cpus, notes});
}

QStringList messagesOf(const FinishedRun& run)
{
    QStringList messages = messagesFrom({run.document, run.problem, run.dropped, run.marks,
        workersOf(run.description, run.parameters, *run.recording), run.machine.usable_cpus,
        notesOf(run)});
    if (run.foreign) {
        const QString writer = QString::fromStdString(run.foreign->writer);
        messages.append(writer.isEmpty()
                ? tr("• A trace of another program: its spans have names, and no states.")
                : tr("• A trace of %1: its spans have names, and no states.").arg(writer));
        if (!run.foreign->left_out.empty()) {
            messages.append(
                tr("⚠ Left out: %1.").arg(QString::fromStdString(run.foreign->left_out)));
        }
        if (run.foreign->without_end > 0) {
            messages.append(
                tr("⚠ Spans without an end, drawn to the last moment of their thread: %1.")
                    .arg(countText(run.foreign->without_end)));
        }
    }
    if (!run.shortfall.empty())
        messages.prepend(tr("⚠ %1").arg(QString::fromStdString(run.shortfall)));
    return messages;
}

} // namespace manyhands::app
