// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/command_line/interruption.hpp"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>

namespace manyhands::app {
namespace {

constexpr std::array handledSignals = {SIGINT, SIGTERM, SIGHUP};

// A handler may touch lock-free atomics only. Relaxed: each is read for its own sake.
std::atomic<int> signalsSeen = 0;
std::atomic<int> firstSignal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

std::array<struct sigaction, handledSignals.size()> dispositionsBefore;

void note(int number)
{
    int none = 0;
    firstSignal.compare_exchange_strong(none, number, std::memory_order_relaxed);
    signalsSeen.fetch_add(1, std::memory_order_relaxed);
}

} // namespace

Interruption::Interruption()
{
    signalsSeen = 0;
    firstSignal = 0;
    struct sigaction noting = {};
    noting.sa_handler = note;
    ::sigemptyset(&noting.sa_mask);
    noting.sa_flags = SA_RESTART; // waits return all the same: poll() is never restarted
    for (std::size_t i = 0; i < handledSignals.size(); ++i) {
        ::sigaction(handledSignals[i], nullptr, &dispositionsBefore[i]);
        if (dispositionsBefore[i].sa_handler != SIG_IGN)
            ::sigaction(handledSignals[i], &noting, nullptr);
    }
}

Interruption::~Interruption()
{
    for (std::size_t i = 0; i < handledSignals.size(); ++i)
        ::sigaction(handledSignals[i], &dispositionsBefore[i], nullptr);
}

int Interruption::count() const { return signalsSeen.load(std::memory_order_relaxed); }
int Interruption::signal() const { return firstSignal.load(std::memory_order_relaxed); }

} // namespace manyhands::app
