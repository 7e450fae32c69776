// SPDX-License-Identifier: GPL-3.0-or-later
// Run and Try next: the pages that start something.
#pragma once

#include "app/guide/guide_page.hpp"

namespace manyhands::app {

/// What will run, a large button, and what the run does now.
class RunPage : public GuidePage
{
    Q_OBJECT

public:
    RunPage(const GuideContext& context, QWidget* parent);
    void refresh() override;

private:
    QString estimate() const;

    QLabel* m_values = nullptr;
    QLabel* m_estimate = nullptr;
    WrappedButton* m_run = nullptr;
    QLabel* m_status = nullptr;
};

/// The runs that the lesson suggests.
class NextPage : public GuidePage
{
    Q_OBJECT

public:
    NextPage(const GuideContext& context, QWidget* parent);
    void refresh() override;
};

} // namespace manyhands::app
