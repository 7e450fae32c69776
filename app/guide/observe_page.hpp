// SPDX-License-Identifier: GPL-3.0-or-later
// Observe and Explain: what the run says of the predictions, and why.
#pragma once

#include "app/guide/guide_page.hpp"
#include "engine/observe/measured.hpp"

namespace manyhands::app {

/// Prediction against measurement, what to look at, and the lesson's checks.
class ObservePage : public GuidePage
{
    Q_OBJECT

public:
    ObservePage(const GuideContext& context, QWidget* parent);
    void refresh() override;

private:
    void addVerdicts();
    void addVerdict(
        const PredictionDescription& description, const std::optional<Measured>& figure);
    void addChecks();
};

/// Findings, the student's own words, and then the lesson's.
class ExplainPage : public GuidePage
{
    Q_OBJECT

public:
    ExplainPage(const GuideContext& context, QWidget* parent);
    void refresh() override;

signals:
    void noteEdited(const QString& text);
    void explanationShown();

private:
    void addFindings();
    void addNote();
};

} // namespace manyhands::app
