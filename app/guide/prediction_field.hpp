// SPDX-License-Identifier: GPL-3.0-or-later
// One question to answer before the run, and how sure one is of the answer.
#pragma once

#include "engine/description/guide.hpp"

#include <QList>
#include <QWidget>

class QButtonGroup;
class QLabel;
class QLineEdit;
class QSlider;
class QVBoxLayout;

namespace manyhands::app {

/// A number on a scale, or one of several answers.
class PredictionField : public QWidget
{
    Q_OBJECT

public:
    explicit PredictionField(PredictionDescription description, QWidget* parent = nullptr);

    /// The answer so far; nothing where there is none, or what was typed is no number.
    std::optional<Prediction> prediction() const;
    /// Shows an answer made before, or on a chart; emits nothing.
    void setPrediction(const Prediction& prediction);

signals:
    void changed();

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addScale(QVBoxLayout* column);
    void addChoices(QVBoxLayout* column);
    void addConfidence(QVBoxLayout* column);
    void typed();
    void slid(int place);
    QString textOf(double value) const;
    QString allowed() const;
    void hint();
    double valueAt(int place) const;
    int placeOf(double value) const;

    PredictionDescription m_description;
    std::optional<double> m_value;
    QString m_problem; ///< of what was typed
    QLineEdit* m_edit = nullptr;
    QSlider* m_slider = nullptr;
    QLabel* m_hint = nullptr;
    QButtonGroup* m_choices = nullptr;
    QButtonGroup* m_confidence = nullptr;
};

} // namespace manyhands::app
