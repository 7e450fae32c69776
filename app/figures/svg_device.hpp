// SPDX-License-Identifier: GPL-3.0-or-later
// What is painted as SVG. Qt's own generator (6.4) does not clip, loses hatches and writes a group
// of attributes for each rectangle.
#pragma once

#include <QByteArray>
#include <QPaintDevice>
#include <QSizeF>

#include <memory>

namespace manyhands::app {

/// Paints to SVG elements, in units of the device. All geometry is cut to the painter's clip, as
/// far as that is a rectangle, so that nothing relies on a renderer's clipping; texts stay texts,
/// written whole where any of them is to be seen. Shapes in a row that look alike become one path.
class SvgDevice : public QPaintDevice
{
public:
    explicit SvgDevice(QSizeF size);
    ~SvgDevice() override;
    SvgDevice(const SvgDevice&) = delete;
    SvgDevice& operator=(const SvgDevice&) = delete;

    QPaintEngine* paintEngine() const override;
    /// What was painted, once the painter has ended: to stand within an `<svg fill="none">`.
    QByteArray elements() const;

protected:
    int metric(PaintDeviceMetric metric) const override;

private:
    class Engine;
    QSizeF m_size;
    std::unique_ptr<Engine> m_engine;
};

/// Text as it may stand in XML, between tags or in an attribute.
QByteArray xmlText(const QString& text);

} // namespace manyhands::app
