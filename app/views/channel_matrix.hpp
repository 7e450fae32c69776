// SPDX-License-Identifier: GPL-3.0-or-later
// Who told whom how much: senders down, receivers across, a number in each cell.
#pragma once

#include "app/views/chart.hpp"
#include "app/views/message_matches.hpp"

#include <vector>

namespace manyhands::app {

/// A matrix of the lanes that sent or received anything, coloured by amount. Where an interval is
/// selected, only of what was sent within it.
class ChannelMatrix : public Chart
{
    Q_OBJECT

public:
    enum class Measure : std::uint8_t { bytes, messages };

    explicit ChannelMatrix(QWidget* parent = nullptr);

    void setMeasure(Measure measure);
    /// The cell of a sender and a receiver, by lane, in pixels; null where there is none.
    QRectF cellOf(std::uint32_t sender, std::uint32_t receiver) const;

    QString summary() const override;
    ChartTable table() const override;

protected:
    void refresh(bool afresh) override;
    QString hoverText(const QPointF& position) const override;
    int seriesCount() const override { return static_cast<int>(m_senders.size()); }
    QString seriesName(int series) const override;
    int datumCount(int series) const override;
    Datum datum(int series, int index) const override;
    int legendIdOf(int, int) const override { return -1; }
    void selectionChanged() override { refreshSoon(); }

private:
    void takeSums();
    void labelTicks();
    void fillLegend();
    void drawCells(QCPPainter& painter) const;
    void drawNumbers(QCPPainter& painter) const;
    QRectF cell(std::size_t row, std::size_t column) const;
    MessageMatches::Sum sumAt(std::size_t row, std::size_t column) const;
    double valueOf(const MessageMatches::Sum& sum) const;
    QString valueText(const MessageMatches::Sum& sum) const;
    QString nameOf(std::uint32_t lane, bool brief) const;
    QString textOf(std::size_t row, std::size_t column) const;

    Measure m_measure = Measure::bytes;
    MessageMatches m_matches;
    std::vector<std::uint32_t> m_senders; ///< rows
    std::vector<std::uint32_t> m_receivers; ///< columns
    std::vector<MessageMatches::Sum> m_cells; ///< row by row
    double m_most = 0;
    bool m_cut = false; ///< of a selected interval alone
    QSharedPointer<QCPAxisTickerText> m_rowTicker;
    QSharedPointer<QCPAxisTickerText> m_columnTicker;
};

} // namespace manyhands::app
