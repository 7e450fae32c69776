// SPDX-License-Identifier: GPL-3.0-or-later
// Read and Predict: what stands before the run.
#pragma once

#include "app/guide/guide_page.hpp"

namespace manyhands::app {

class PredictionField;

/// Title, what is to be read, and what will be learned.
class ReadPage : public GuidePage
{
    Q_OBJECT

public:
    ReadPage(const GuideContext& context, QWidget* parent);
    void refresh() override;

private:
    QString m_shown;
    LessonText* m_text = nullptr;
};

/// The questions that hold for the form's values.
class PredictPage : public GuidePage
{
    Q_OBJECT

public:
    PredictPage(const GuideContext& context, QWidget* parent);
    void refresh() override;

signals:
    /// Of one question: an answer, or none any more.
    void predictionMade(const manyhands::Prediction& prediction);
    void predictionWithdrawn(const std::string& name);
    void skipRequested();

private:
    void rebuild(const std::vector<PredictionDescription>& questions);
    void showCount();

    std::vector<std::string> m_names; ///< of the questions shown
    QList<PredictionField*> m_fields;
    QLabel* m_count = nullptr;
    bool m_built = false;
};

} // namespace manyhands::app
