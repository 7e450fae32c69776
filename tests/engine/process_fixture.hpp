// SPDX-License-Identifier: MIT
// Tests that start processes of their own: the test program is the lesson's main process, and its
// workers are the same program.
#pragma once

#include "engine/process/start_block.hpp"
#include "engine/process/supervisor.hpp"
#include "engine_fixture.hpp"

#include <QCoreApplication>
#include <QTest>

#include <set>
#include <string>

/// What manyhands::run() sets up, for as long as it lives. Orphans come to this process, too.
class ProcessFixture
{
public:
    ProcessFixture();
    explicit ProcessFixture(EngineFixture::Options options);

    EngineFixture& engine() { return engine_; }
    manyhands::Supervisor& supervisor() { return supervisor_; }

private:
    EngineFixture engine_;
    manyhands::Supervisor supervisor_;
};

/// What this process holds on to and what lives below it: the same before and after a test.
struct Holdings
{
    std::set<std::string> descriptors; ///< number and what it names
    int descendants = 0; ///< living or not reaped

    bool operator==(const Holdings&) const = default;
};
Holdings holdings();

/// Under a sanitizer, a spawned process that ends would start one that looks for leaks, and be
/// counted with it. Of this process itself leaks are told.
void keep_leak_checkers_out();

/// The main of a test program whose processes start others by spawn: in a worker it does not
/// return.
template <class Test>
int test_main(int argc, char** argv)
{
    if (const auto worker = manyhands::worker_arguments_from(
            std::span<char* const>(argv, static_cast<std::size_t>(argc))))
        manyhands::worker_main(*worker);
    keep_leak_checkers_out();
    QCoreApplication application(argc, argv);
    // Qt Test's handlers of signals would be inherited by what is forked.
    Test test;
    return QTest::qExec(&test, QCoreApplication::arguments() << "-nocrashhandler");
}
