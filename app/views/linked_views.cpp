// SPDX-License-Identifier: GPL-3.0-or-later
// View states of several runs that show the same stretch of a common time.
#include "app/views/linked_views.hpp"

namespace manyhands::app {
namespace {

Interval moved(Interval interval, std::int64_t byNs)
{
    return {interval.begin_ns + byNs, interval.end_ns + byNs};
}

} // namespace

LinkedViews::LinkedViews(QObject* parent)
    : QObject(parent)
{
}

ViewState* LinkedViews::add(Interval whole, std::int64_t origin)
{
    auto* view = new ViewState(this);
    view->align(moved(whole, origin), origin);
    const Linked linked{view, origin};
    m_views.push_back(linked);
    connect(view, &ViewState::visibleChanged, this, [this, linked] { follow(linked); });
    return view;
}

void LinkedViews::show(Interval common)
{
    if (!m_views.empty())
        m_views.front().view->show(moved(common, m_views.front().origin));
}

Interval LinkedViews::visible() const
{
    return m_views.empty() ? Interval{}
                           : moved(m_views.front().view->visible(), -m_views.front().origin);
}

void LinkedViews::follow(const Linked& leader)
{
    if (m_following)
        return;
    m_following = true;
    const Interval common = moved(leader.view->visible(), -leader.origin);
    for (const Linked& other : m_views) {
        if (other.view != leader.view)
            other.view->show(moved(common, other.origin), ViewState::Gesture::zoom);
    }
    m_following = false;
}

} // namespace manyhands::app
