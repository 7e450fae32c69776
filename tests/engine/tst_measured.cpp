// SPDX-License-Identifier: MIT
// Tests engine/observe/measured: figures of a run by name, and what they say of a prediction.
#include "engine/observe/measured.hpp"
#include "tests/support/finished_runs.hpp"

#include <QTest>

#include <limits>
#include <optional>

using namespace manyhands;
using namespace manyhands::test;

namespace {

/// Main, and three workers of which two did tasks.
FinishedRun run()
{
    ScriptedRecording script;
    script.builder.phase(PhaseKind::repeat, 0, 0, 1'000'000'000, 10);
    script.lane("main", Role::main, 0);
    for (int i = 1; i <= 3; ++i) {
        const std::uint32_t lane = script.lane("Worker-" + std::to_string(i), Role::worker, 10);
        script.builder.counters(lane, i < 3 ? 4 : 0, 0, 0, 0);
    }
    script.builder.advance(1'000'000'000);
    FinishedRun run = finished_run_of(std::move(script.builder).take());
    run.repeats = {{0.5, 1.0, 2.0}, {0.4, 1.2, 3.0}, {0.25, 1.0, 4.0}};
    run.sequential_s = 1.0;
    run.document->quantities = {{"primes", 12.0, 10.0, 15.0, 3}, {"age", {}}};
    return run;
}

PredictionDescription number(double tolerance = 0.1)
{
    PredictionDescription description;
    description.kind = PredictionKind::number;
    description.tolerance = tolerance;
    return description;
}

PredictionDescription choice()
{
    PredictionDescription description;
    description.kind = PredictionKind::choice;
    description.choices = {{"none", 0, 0}, {"a few", 1, 10}, {"many", 10, 1e9}};
    return description;
}

Measured once(double value)
{
    return {.value = value, .low = {}, .high = {}, .samples = 1, .unit = ""};
}

Measured several(double value, double low, double high)
{
    return {.value = value, .low = low, .high = high, .samples = 5, .unit = ""};
}

} // namespace

Q_DECLARE_METATYPE(PredictionDescription)
Q_DECLARE_METATYPE(Prediction)
Q_DECLARE_METATYPE(std::optional<Measured>)

class TestMeasured : public QObject
{
    Q_OBJECT

private slots:
    void figures_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<double>("value");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<int>("samples");
        QTest::addColumn<QString>("unit");
        const auto row = [](const char* name, double value, double low, double high, int samples,
                             const char* unit) {
            QTest::newRow(name) << QByteArray(name) << value << low << high << samples
                                << QString::fromUtf8(unit);
        };
        row("primes", 12, 10, 15, 3, "");
        row("wall_s", 0.4, 0.325, 0.45, 3, "s");
        row("sequential_s", 1, 1, 1.1, 3, "s");
        // T1 and Tp are medians, as in the run object; 3 is the median of the repeats' own.
        row("speedup", 2.5, 2.5, 3.5, 3, "×");
        row("efficiency", 1.25, 1.25, 1.75, 3, "");
    }

    void figures()
    {
        QFETCH(QByteArray, name);
        QFETCH(double, value);
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(int, samples);
        QFETCH(QString, unit);
        const std::optional<Measured> figure = measured(run(), name.toStdString());
        QVERIFY(figure.has_value());
        QCOMPARE(figure->value, value);
        QVERIFY(figure->low && figure->high);
        QCOMPARE(*figure->low, low);
        QCOMPARE(*figure->high, high);
        QCOMPARE(figure->samples, samples);
        QCOMPARE(QString::fromStdString(figure->unit), unit);
    }

    void figures_of_the_run_object()
    {
        const FinishedRun of = run();
        const nlohmann::json object = run_object(of);
        QCOMPARE(object.at("workers").get<int>(), 2);
        for (const char* const name : {"wall_s", "sequential_s", "speedup", "efficiency"})
            QCOMPARE(measured(of, name)->value, object.at(name).get<double>());
    }

    void a_single_repeat_has_no_spread()
    {
        FinishedRun of = run();
        of.repeats.resize(1);
        const std::optional<Measured> figure = measured(of, "speedup");
        QVERIFY(figure && !figure->low && !figure->high);
        QCOMPARE(figure->samples, 1);
    }

    void what_is_not_known()
    {
        FinishedRun of = run();
        QVERIFY(!measured(of, "age")); // too short to know it
        QVERIFY(!measured(of, "depth")); // nobody's
        QVERIFY(!measured(of, "memory_s"));
        of.document.reset();
        QVERIFY(!measured(of, "primes"));
        for (Repeat& repeat : of.repeats)
            repeat.sequential_s = repeat.speedup = std::nullopt;
        of.sequential_s.reset();
        QVERIFY(!measured(of, "speedup") && !measured(of, "efficiency"));
        QVERIFY(!measured(of, "sequential_s"));
        QVERIFY(measured(of, "wall_s"));
        of.repeats.clear();
        QVERIFY(!measured(of, "wall_s"));
    }

    void no_efficiency_without_workers()
    {
        FinishedRun of = run();
        of.recording = std::make_shared<const Recording>();
        QVERIFY(measured(of, "speedup"));
        QVERIFY(!measured(of, "efficiency"));
    }

    void a_quantity_goes_before_a_figure_of_its_name()
    {
        FinishedRun of = run();
        of.description.quantities.push_back({"speedup", "Speedup", "times", "rate"});
        of.document->quantities.push_back({"speedup", 7.0});
        QCOMPARE(measured(of, "speedup")->value, 7.0);
        QCOMPARE(measured(of, "speedup")->unit, std::string("times"));
    }

    void verdicts_data()
    {
        QTest::addColumn<PredictionDescription>("description");
        QTest::addColumn<Prediction>("prediction");
        QTest::addColumn<std::optional<Measured>>("measurement");
        QTest::addColumn<int>("expected");
        const auto row = [](const char* name, const PredictionDescription& description,
                             std::optional<double> value, std::optional<std::size_t> chosen,
                             std::optional<Measured> measurement, Verdict expected) {
            Prediction prediction;
            prediction.value = value;
            prediction.choice = chosen;
            QTest::newRow(name) << description << prediction << measurement
                                << static_cast<int>(expected);
        };
        const auto say = [&](const char* name, double value, std::optional<Measured> measurement,
                             Verdict expected, double tolerance = 0.1) {
            row(name, number(tolerance), value, {}, std::move(measurement), expected);
        };
        say("once, the very value", 100, once(100), Verdict::right);
        say("once, at the tolerance's ends", 90, once(100), Verdict::right);
        say("once, below it", 89, once(100), Verdict::too_low);
        say("once, above it", 111, once(100), Verdict::too_high);
        say("once, a wide tolerance", 60, once(100), Verdict::right, 0.5);
        say("once, no tolerance", 100, once(100), Verdict::right, 0);
        say("once, no tolerance, beside it", 100.5, once(100), Verdict::too_high, 0);
        say("once, of something negative", -95, once(-100), Verdict::right);
        say("once, below something negative", -120, once(-100), Verdict::too_low);
        say("once, nothing measured is nothing", 0, once(0), Verdict::right);
        say("once, more than nothing", 1, once(0), Verdict::too_high);
        say("between the quartiles", 85, several(100, 80, 130), Verdict::right);
        say("at the first quartile", 80, several(100, 80, 130), Verdict::right);
        say("at the third quartile", 130, several(100, 80, 130), Verdict::right);
        say("below them, within the tolerance", 92, several(100, 95, 130), Verdict::too_low);
        say("above them", 131, several(100, 80, 130), Verdict::too_high);
        say("close quartiles, within the tolerance", 92, several(100, 99.8, 100.2), Verdict::right);
        say("close quartiles, outside of it", 89, several(100, 99.8, 100.2), Verdict::too_low);
        say("quartiles as wide as a tenth", 98, several(100, 99.5, 100.5), Verdict::too_low);
        say("nothing measured", 100, std::nullopt, Verdict::unknown);
        row("nothing predicted", number(), {}, {}, once(100), Verdict::unknown);
        row("a choice for a number", number(), {}, 1, once(100), Verdict::unknown);

        row("the choice that holds", choice(), {}, 1, once(5), Verdict::right);
        row("at its low end", choice(), {}, 1, once(1), Verdict::right);
        row("where two meet", choice(), {}, 2, once(10), Verdict::right);
        row("another one holds", choice(), {}, 0, once(5), Verdict::other);
        row("none holds", choice(), {}, 0, once(0.5), Verdict::other);
        row("the median of several", choice(), {}, 1, several(5, 0, 100), Verdict::right);
        row("a choice that there is not", choice(), {}, 3, once(5), Verdict::unknown);
        row("a number for a choice", choice(), 5, {}, once(5), Verdict::unknown);
        row("a choice, nothing measured", choice(), {}, 1, std::nullopt, Verdict::unknown);
    }

    void verdicts()
    {
        QFETCH(PredictionDescription, description);
        QFETCH(Prediction, prediction);
        QFETCH(std::optional<Measured>, measurement);
        QFETCH(int, expected);
        QCOMPARE(static_cast<int>(judged(description, prediction, measurement)), expected);
    }
};

QTEST_APPLESS_MAIN(TestMeasured)

#include "tst_measured.moc"
