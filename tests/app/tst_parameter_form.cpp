// SPDX-License-Identifier: GPL-3.0-or-later
// The form of a lesson's parameters: made from its description, and checked as a person types.
#include "app/guide/parameter_form.hpp"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace manyhands;
using manyhands::app::ParameterForm;

namespace {

LessonDescription lesson()
{
    LessonDescription description;
    description.id = "primes";
    ParameterDescription limit;
    limit.name = "limit";
    limit.label = "Count primes up to";
    limit.help = "All whole numbers up to this one are tested.";
    limit.default_value = std::int64_t{15'000'000};
    limit.minimum = 2;
    limit.maximum = 1e9;
    limit.work = true;
    ParameterDescription workers;
    workers.name = "workers";
    workers.label = "Worker processes";
    workers.default_value = std::int64_t{2};
    workers.minimum = 1;
    workers.maximum = 255;
    workers.workers = true;
    ParameterDescription schedule;
    schedule.name = "schedule";
    schedule.label = "Hand out";
    schedule.type = ParameterType::choice;
    schedule.choices = {"static", "dynamic"};
    schedule.default_value = std::string("dynamic");
    ParameterDescription share;
    share.name = "share";
    share.label = "Share";
    share.unit = "%";
    share.type = ParameterType::real;
    share.default_value = 12.5;
    share.minimum = 0;
    share.maximum = 100;
    share.folded = true;
    description.parameters = {limit, workers, schedule, share};
    return description;
}

constexpr int usableCpus = 2;

} // namespace

class TestParameterForm : public QObject
{
    Q_OBJECT

private slots:
    void startsAtDefaults();
    void goodValues_data();
    void goodValues();
    void badValues_data();
    void badValues();
    void warnsOfCrowding();
    void foldsWhatIsFolded();
    void namesItsInputs();
};

void TestParameterForm::startsAtDefaults()
{
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    const auto values = form.values();
    QVERIFY(values);
    QCOMPARE(std::get<std::int64_t>(values->at("limit")), 15'000'000);
    QCOMPARE(std::get<std::string>(values->at("schedule")), std::string("dynamic"));
    QCOMPARE(std::get<double>(values->at("share")), 12.5);
    QVERIFY(form.hintOf("workers").contains("1 to 255"));
    QVERIFY(form.hintOf("workers").contains("2"));
    form.setText("workers", "nonsense");
    QVERIFY(!form.values());
    form.reset();
    QCOMPARE(std::get<std::int64_t>(form.values()->at("workers")), 2);
}

void TestParameterForm::goodValues_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("value");
    QTest::newRow("smallest") << "workers"
                              << "1"
                              << "1";
    QTest::newRow("largest") << "workers"
                             << "255"
                             << "255";
    QTest::newRow("exponent") << "limit"
                              << "1.5e7"
                              << "15000000";
    QTest::newRow("underscores") << "limit"
                                 << "15_000_000"
                                 << "15000000";
    QTest::newRow("groups") << "limit"
                            << "15 000 000"
                            << "15000000";
    QTest::newRow("choice") << "schedule"
                            << "static"
                            << "static";
    QTest::newRow("real") << "share"
                          << "0.25"
                          << "0.25";
}

void TestParameterForm::goodValues()
{
    QFETCH(QString, name);
    QFETCH(QString, text);
    QFETCH(QString, value);
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    form.setText(name, text);
    QCOMPARE(form.problemOf(name), QString());
    QVERIFY(form.values());
    QCOMPARE(QString::fromStdString(to_text(form.values()->at(name.toStdString()))), value);
}

void TestParameterForm::badValues_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("allowed");
    QTest::newRow("empty") << "workers"
                           << ""
                           << "1 to 255";
    QTest::newRow("blank") << "workers"
                           << "  "
                           << "1 to 255";
    QTest::newRow("word") << "workers"
                          << "many"
                          << "1 to 255";
    QTest::newRow("zero") << "workers"
                          << "0"
                          << "1 to 255";
    QTest::newRow("negative") << "workers"
                              << "-1"
                              << "1 to 255";
    QTest::newRow("one too many") << "workers"
                                  << "256"
                                  << "1 to 255";
    QTest::newRow("part of one") << "workers"
                                 << "1.5"
                                 << "1 to 255";
    QTest::newRow("beyond every number") << "limit"
                                         << "1e400"
                                         << "2 to 1000000000";
    QTest::newRow("not a number") << "share"
                                  << "nan"
                                  << "0 to 100";
    QTest::newRow("comma") << "share"
                           << "0,25"
                           << "0 to 100";
    QTest::newRow("text behind") << "limit"
                                 << "100x"
                                 << "2 to 1000000000";
}

void TestParameterForm::badValues()
{
    QFETCH(QString, name);
    QFETCH(QString, text);
    QFETCH(QString, allowed);
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    QSignalSpy changes(&form, &ParameterForm::changed);
    form.setText(name, text);
    QVERIFY(!changes.isEmpty());
    QVERIFY(!form.values());
    QVERIFY(!form.problem().isEmpty());
    QCOMPARE(form.problem(), form.problemOf(name));
    // In place: a sign, and what is allowed, in words.
    QVERIFY2(form.hintOf(name).startsWith(QStringLiteral("✕")), qPrintable(form.hintOf(name)));
    QVERIFY2(form.hintOf(name).contains(allowed), qPrintable(form.hintOf(name)));
    form.setText(name, form.findChild<QLineEdit*>() ? "1" : "");
    if (name != QLatin1String("limit"))
        QVERIFY(form.values());
}

void TestParameterForm::warnsOfCrowding()
{
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    form.setText("workers", "8");
    QVERIFY(!form.hintOf("workers").contains(QStringLiteral("⚠")));
    form.setText("workers", "9");
    QVERIFY(form.hintOf("workers").contains(QStringLiteral("⚠")));
    QVERIFY(form.values()); // it warns, it does not refuse
}

void TestParameterForm::foldsWhatIsFolded()
{
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    const auto visible = [&] {
        int count = 0;
        for (const QLineEdit* edit : form.findChildren<QLineEdit*>())
            count += edit->isVisibleTo(&form) && !qobject_cast<QComboBox*>(edit->parent());
        return count;
    };
    QCOMPARE(visible(), 2);
    QVERIFY(form.values()); // a folded one still has its value
}

void TestParameterForm::namesItsInputs()
{
    ParameterForm form;
    form.setLesson(lesson(), usableCpus);
    QStringList names;
    for (const QLineEdit* edit : form.findChildren<QLineEdit*>()) {
        names.append(edit->accessibleName());
        QVERIFY(edit->height() >= 24 || edit->minimumHeight() >= 24);
    }
    QVERIFY(names.contains(QStringLiteral("Number of processes")));
    QVERIFY(names.contains(QStringLiteral("Count primes up to")));
}

QTEST_MAIN(TestParameterForm)
#include "tst_parameter_form.moc"
