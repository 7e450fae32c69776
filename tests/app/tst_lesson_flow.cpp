// SPDX-License-Identifier: GPL-3.0-or-later
// What guide, charts and notebook of a window tell each other: a prediction on its way from the
// question to the chart, to the run that answers it, and to the next time.
#include "app/guide/guide_pane.hpp"
#include "app/notebook/notebook.hpp"
#include "app/views/chart.hpp"
#include "app/window/chart_area.hpp"
#include "tests/app/own_data_folder.hpp"
#include "tests/app/window_fixture.hpp"

#include <QTest>

#include <algorithm>

using namespace manyhands;
using namespace manyhands::app;
using namespace manyhands::app::test;

namespace {

const QString guided = QStringLiteral("guided");

Prediction ofSteps(double value)
{
    return {"steps_taken", value, std::nullopt, Confidence::certain};
}

std::optional<double> predictedSteps(const std::vector<Prediction>& predictions)
{
    for (const Prediction& prediction : predictions) {
        if (prediction.name == "steps_taken")
            return prediction.value;
    }
    return std::nullopt;
}

std::optional<KeptPrediction> keptSteps(Notebook& notebook)
{
    for (const KeptPrediction& kept : notebook.lastPredictions(guided)) {
        if (kept.prediction.name == "steps_taken")
            return kept;
    }
    return std::nullopt;
}

} // namespace

class TestLessonFlow : public QObject
{
    Q_OBJECT

private slots:
    void init() { forgetWhatWasKept(); }

    void predictionMeetsItsRunEverywhere()
    {
        Opened opened("guided", testLessons);
        opened.window.show();
        opened.window.guide().setPrediction(ofSteps(7));
        const Chart* chart = opened.window.chartArea().chartNamed("prediction");
        QVERIFY(chart);
        QVERIFY2(chart->summary().contains("1 of 3"), qPrintable(chart->summary()));
        QVERIFY(opened.runToItsEnd());
        const std::optional<KeptPrediction> kept = keptSteps(opened.window.notebook());
        QVERIFY(kept);
        QCOMPARE(kept->prediction.value, std::optional(7.0));
        QCOMPARE(kept->prediction.confidence, Confidence::certain);
        QVERIFY(kept->run);
        const auto answer = measured(*opened.window.shownRun(), "steps");
        QVERIFY(answer);
        QCOMPARE(kept->measured, std::optional(answer->value));
        const auto& questions = opened.description.guide.predictions;
        const auto question = std::find_if(questions.begin(), questions.end(),
            [](const PredictionDescription& one) { return one.name == "steps_taken"; });
        QCOMPARE(kept->verdict, judged(*question, ofSteps(7), answer));
    }

    void draggedOnAChartItIsInTheGuide()
    {
        Opened opened("guided", testLessons);
        opened.window.show();
        GuidePane& guide = opened.window.guide();
        guide.setPrediction(ofSteps(7));
        emit opened.window.chartArea().predictionDragged("steps_taken", 9);
        QCOMPARE(predictedSteps(guide.predictions()), std::optional(9.0));
        // How sure one was is not told by dragging.
        QCOMPARE(guide.predictions().front().confidence, Confidence::certain);
    }

    void anotherTimeItIsKnown()
    {
        {
            Opened opened("guided", testLessons);
            opened.window.show();
            opened.window.guide().setPrediction(ofSteps(7));
            opened.window.guide().setStep("quiz");
            opened.window.close();
        }
        Opened opened("guided", testLessons);
        const GuidePane& guide = opened.window.guide();
        QCOMPARE(guide.step(), QStringLiteral("quiz"));
        QCOMPARE(predictedSteps(guide.predictions()), std::optional(7.0));
    }

    void wordsStayWithTheirLesson()
    {
        Opened opened("guided", testLessons);
        opened.window.show();
        opened.window.guide().setPrediction(ofSteps(7));
        opened.window.guide().setStep("run");
        const LessonReference other{testLessons, "picture"};
        opened.window.openLesson(other, describe_lesson(other));
        QVERIFY(keptSteps(opened.window.notebook()));
        QVERIFY(opened.window.notebook().lastPredictions("picture").isEmpty());
    }

    void aSweepBringsItsChartForward()
    {
        Opened opened("viewed", testLessons);
        opened.window.show();
        const Attempt attempt = {"Sweep", {}, "chunk=1,4"};
        QVERIFY(opened.toItsEnd([&] { opened.window.attempt(attempt); }));
        const Chart* sweep = opened.window.chartArea().chartNamed("sweep");
        QVERIFY(sweep->isVisible());
        QVERIFY(!sweep->isEmpty());
    }
};

QTEST_MAIN(TestLessonFlow)
#include "tst_lesson_flow.moc"
