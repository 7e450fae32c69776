// SPDX-License-Identifier: GPL-3.0-or-later
// View states of several runs that show the same stretch of a common time.
#pragma once

#include "app/views/view_state.hpp"

#include <QObject>

#include <vector>

namespace manyhands::app {

/// What one of them shows, all show, each at its own run's time.
class LinkedViews : public QObject
{
    Q_OBJECT

public:
    explicit LinkedViews(QObject* parent = nullptr);

    /// Adds a view state, owned by this: `origin` (run time) is 0 of the common time, which has
    /// something to show within `whole`.
    ViewState* add(Interval whole, std::int64_t origin);
    /// Shows a stretch of the common time in all.
    void show(Interval common);
    /// What they show, in common time.
    Interval visible() const;

private:
    struct Linked
    {
        ViewState* view;
        std::int64_t origin;
    };

    void follow(const Linked& leader);

    std::vector<Linked> m_views;
    bool m_following = false;
};

} // namespace manyhands::app
