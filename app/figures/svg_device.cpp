// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/svg_device.hpp"

#include "app/figures/svg_path.hpp"
#include "app/views/clipped_shapes.hpp"

#include <QBuffer>
#include <QImage>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <algorithm>
#include <cmath>

namespace manyhands::app {
namespace {

QByteArray paint(const char* what, const QColor& colour, double opacity)
{
    QByteArray text = QByteArray(" ") + what + "=\"" + colour.name().toLatin1() + '"';
    const double alpha = colour.alphaF() * opacity;
    if (alpha < 1)
        text += QByteArray(" ") + what + "-opacity=\"" + svgNumber(alpha) + '"';
    return text;
}

bool isHatch(const QBrush& brush)
{
    return brush.style() >= Qt::Dense1Pattern && brush.style() <= Qt::DiagCrossPattern;
}

QRectF boundsOf(const QPolygonF& points)
{
    // QPolygonF's own is empty for a line along an axis, and then intersects nothing.
    return points.boundingRect().adjusted(-1e-6, -1e-6, 1e-6, 1e-6);
}

} // namespace

/// State is asked of the painter when something is drawn: what QPainter tells an engine of clips,
/// one by one, it could only add up again.
class SvgDevice::Engine : public QPaintEngine
{
public:
    explicit Engine(QSizeF size)
        : QPaintEngine(QPaintEngine::AllFeatures)
        , m_whole(QPointF(), size)
    {
    }

    const QByteArray& elements() const { return m_elements; }

    bool begin(QPaintDevice*) override { return true; }
    bool end() override
    {
        flush();
        return true;
    }
    Type type() const override { return User; }
    void updateState(const QPaintEngineState&) override { }

    void drawRects(const QRectF* rects, int count) override
    {
        const QTransform transform = painter()->transform();
        const bool upright = transform.type() <= QTransform::TxScale;
        for (int i = 0; i < count; ++i) {
            if (!upright)
                area({transform.map(QPolygonF(rects[i]))}, Qt::OddEvenFill);
            else
                rectangle(transform.mapRect(rects[i].normalized()));
        }
    }
    void drawRects(const QRect* rects, int count) override
    {
        for (int i = 0; i < count; ++i) {
            const QRectF rect(rects[i]);
            drawRects(&rect, 1);
        }
    }
    void drawLines(const QLineF* lines, int count) override
    {
        if (!hasPen())
            return;
        for (int i = 0; i < count; ++i) {
            const auto cut = clippedLine(painter()->transform().map(lines[i]), clip());
            if (cut)
                stroke(QPolygonF({cut->p1(), cut->p2()}), false);
        }
    }
    void drawLines(const QLine* lines, int count) override
    {
        for (int i = 0; i < count; ++i) {
            const QLineF line(lines[i]);
            drawLines(&line, 1);
        }
    }
    void drawPoints(const QPointF* points, int count) override
    {
        if (!hasPen())
            return;
        for (int i = 0; i < count; ++i) {
            const QPointF point = painter()->transform().map(points[i]);
            if (clip().contains(point))
                stroke(QPolygonF({point, point}), false);
        }
    }
    void drawPoints(const QPoint* points, int count) override
    {
        for (int i = 0; i < count; ++i) {
            const QPointF point(points[i]);
            drawPoints(&point, 1);
        }
    }
    void drawPolygon(const QPointF* points, int count, PolygonDrawMode mode) override
    {
        QPolygonF polygon(QList<QPointF>(points, points + count));
        polygon = painter()->transform().map(polygon);
        if (mode == PolylineMode)
            outline(polygon);
        else
            area({polygon}, mode == WindingMode ? Qt::WindingFill : Qt::OddEvenFill);
    }
    void drawPolygon(const QPoint* points, int count, PolygonDrawMode mode) override
    {
        QList<QPointF> real;
        for (int i = 0; i < count; ++i)
            real.append(points[i]);
        drawPolygon(real.constData(), count, mode);
    }
    void drawEllipse(const QRectF& rect) override
    {
        QPainterPath path;
        path.addEllipse(rect);
        drawPath(path);
    }
    void drawEllipse(const QRect& rect) override { drawEllipse(QRectF(rect)); }
    void drawPath(const QPainterPath& path) override;
    void drawPixmap(const QRectF& to, const QPixmap& pixmap, const QRectF& from) override
    {
        drawImage(to, pixmap.toImage(), from, Qt::AutoColor);
    }
    void drawImage(const QRectF& to, const QImage& image, const QRectF& from,
        Qt::ImageConversionFlags flags) override;
    void drawTextItem(const QPointF& at, const QTextItem& item) override;

private:
    bool hasPen() const { return painter()->pen().style() != Qt::NoPen; }
    QRectF clip() const;
    QByteArray strokeStyle(const QPen& pen, double width) const;
    /// The path that collects shapes of a style.
    SvgPath& path(const QByteArray& style);
    void flush();
    void element(const QByteArray& text)
    {
        flush();
        m_elements += text + '\n';
    }

    void rectangle(const QRectF& rect);
    void area(const QList<QPolygonF>& polygons, Qt::FillRule rule);
    void fill(const QList<QPolygonF>& polygons, Qt::FillRule rule);
    void hatch(const QList<QPolygonF>& polygons);
    void outline(const QPolygonF& points);
    void stroke(const QPolygonF& points, bool closed);

    QRectF m_whole;
    QByteArray m_elements;
    QByteArray m_style; ///< of m_path
    SvgPath m_path;
};

QRectF SvgDevice::Engine::clip() const
{
    if (!painter()->hasClipping())
        return m_whole;
    return painter()->transform().mapRect(painter()->clipBoundingRect()) & m_whole;
}

SvgPath& SvgDevice::Engine::path(const QByteArray& style)
{
    if (m_style != style)
        flush();
    m_style = style;
    return m_path;
}

void SvgDevice::Engine::flush()
{
    if (!m_path.isEmpty())
        m_elements += "<path" + m_style + " d=\"" + m_path.text() + "\"/>\n";
    m_path = {};
    m_style.clear();
}

QByteArray SvgDevice::Engine::strokeStyle(const QPen& pen, double width) const
{
    QByteArray style = paint("stroke", pen.color(), painter()->opacity()) + " stroke-width=\""
        + svgNumber(width) + '"';
    if (pen.capStyle() != Qt::FlatCap)
        style += pen.capStyle() == Qt::RoundCap ? " stroke-linecap=\"round\""
                                                : " stroke-linecap=\"square\"";
    if (pen.joinStyle() == Qt::RoundJoin)
        style += " stroke-linejoin=\"round\"";
    else if (pen.joinStyle() == Qt::BevelJoin)
        style += " stroke-linejoin=\"bevel\"";
    if (pen.style() != Qt::SolidLine) {
        QByteArray dashes;
        for (const qreal dash : pen.dashPattern())
            dashes += (dashes.isEmpty() ? "" : " ") + svgNumber(dash * width);
        style += " stroke-dasharray=\"" + dashes + '"';
    }
    return style;
}

void SvgDevice::Engine::stroke(const QPolygonF& points, bool closed)
{
    const QPen pen = painter()->pen();
    double width = pen.widthF() > 0 ? pen.widthF() : 1;
    if (!pen.isCosmetic())
        width *= std::sqrt(std::abs(painter()->transform().determinant()));
    SvgPath& to = path(strokeStyle(pen, width));
    to.polygon(points);
    if (closed)
        to.close();
}

void SvgDevice::Engine::outline(const QPolygonF& points)
{
    if (!hasPen() || points.isEmpty())
        return;
    const QRectF within = clip();
    if (within.contains(boundsOf(points))) {
        const bool closed = points.size() > 2 && points.isClosed();
        stroke(closed ? QPolygonF(points.mid(0, points.size() - 1)) : points, closed);
        return;
    }
    for (const QPolygonF& part : clippedPolyline(points, within))
        stroke(part, false);
}

void SvgDevice::Engine::hatch(const QList<QPolygonF>& polygons)
{
    const QBrush brush = painter()->brush();
    QPen pen(brush.color(), 1, Qt::SolidLine, Qt::FlatCap, Qt::BevelJoin);
    const double gap = hatchGap(brush.style());
    if (gap > 0)
        pen.setDashPattern({1, gap});
    SvgPath& to = path(strokeStyle(pen, 1));
    for (const QLineF& line : hatchLines(brush.style(), polygons, clip()))
        to.polygon(QPolygonF({line.p1(), line.p2()}));
}

void SvgDevice::Engine::rectangle(const QRectF& rect)
{
    const QBrush brush = painter()->brush();
    const QRectF within = clip();
    const QRectF cut = rect & within;
    if (brush.style() != Qt::NoBrush && !cut.isEmpty()) {
        if (isHatch(brush)) {
            hatch({QPolygonF(cut)});
        } else {
            QByteArray style = paint("fill", brush.color(), painter()->opacity());
            // Bars stand edge to edge: smoothed edges would let the background shine through.
            if (!painter()->testRenderHint(QPainter::Antialiasing))
                style += " shape-rendering=\"crispEdges\"";
            path(style).rect(cut);
        }
    }
    if (!hasPen())
        return;
    if (within.contains(rect))
        stroke(QPolygonF({rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()}),
            true);
    else
        outline(QPolygonF(rect));
}

void SvgDevice::Engine::fill(const QList<QPolygonF>& polygons, Qt::FillRule rule)
{
    const QBrush brush = painter()->brush();
    if (brush.style() == Qt::NoBrush)
        return;
    if (isHatch(brush)) {
        hatch(polygons);
        return;
    }
    SvgPath shape;
    for (const QPolygonF& polygon : polygons) {
        const QPolygonF cut = clippedPolygon(polygon, clip());
        if (cut.size() < 3)
            continue;
        shape.polygon(cut);
        shape.close();
    }
    // One by one: those that overlap must not make holes in each other.
    if (!shape.isEmpty())
        element("<path" + paint("fill", brush.color(), painter()->opacity())
            + (rule == Qt::OddEvenFill ? " fill-rule=\"evenodd\"" : "") + " d=\"" + shape.text()
            + "\"/>");
}

void SvgDevice::Engine::area(const QList<QPolygonF>& polygons, Qt::FillRule rule)
{
    fill(polygons, rule);
    for (QPolygonF polygon : polygons) {
        if (!polygon.isEmpty() && !polygon.isClosed())
            polygon.append(polygon.first());
        outline(polygon);
    }
}

void SvgDevice::Engine::drawPath(const QPainterPath& drawn)
{
    const QPainterPath shape = painter()->transform().map(drawn);
    const QRectF within = clip();
    if (!within.contains(shape.controlPointRect()) || isHatch(painter()->brush())) {
        const QList<QPolygonF> polygons = shape.toSubpathPolygons();
        fill(polygons, shape.fillRule());
        for (const QPolygonF& polygon : polygons)
            outline(polygon);
        return;
    }
    SvgPath text;
    for (int i = 0; i < shape.elementCount(); ++i) {
        const QPainterPath::Element one = shape.elementAt(i);
        switch (one.type) {
        case QPainterPath::MoveToElement:
            text.moveTo(one);
            break;
        case QPainterPath::LineToElement:
            text.lineTo(one);
            break;
        case QPainterPath::CurveToElement:
            text.curveTo(one, shape.elementAt(i + 1), shape.elementAt(i + 2));
            i += 2;
            break;
        case QPainterPath::CurveToDataElement:
            break;
        }
    }
    QByteArray style;
    const QBrush brush = painter()->brush();
    if (brush.style() != Qt::NoBrush)
        style += paint("fill", brush.color(), painter()->opacity())
            + (shape.fillRule() == Qt::OddEvenFill ? " fill-rule=\"evenodd\"" : "");
    if (hasPen()) {
        const QPen pen = painter()->pen();
        double width = pen.widthF() > 0 ? pen.widthF() : 1;
        if (!pen.isCosmetic())
            width *= std::sqrt(std::abs(painter()->transform().determinant()));
        style += strokeStyle(pen, width);
    }
    if (!text.isEmpty() && !style.isEmpty())
        element("<path" + style + " d=\"" + text.text() + "\"/>");
}

void SvgDevice::Engine::drawImage(
    const QRectF& to, const QImage& image, const QRectF& from, Qt::ImageConversionFlags)
{
    const QRectF place = painter()->transform().mapRect(to);
    const QRectF cut = place & clip();
    if (cut.isEmpty() || from.isEmpty())
        return;
    // To whole pixels of the picture, inwards, so that none of it stands outside.
    const double across = from.width() / place.width();
    const double down = from.height() / place.height();
    const QRect source(
        QPoint(static_cast<int>(std::ceil(from.left() + (cut.left() - place.left()) * across)),
            static_cast<int>(std::ceil(from.top() + (cut.top() - place.top()) * down))),
        QPoint(
            static_cast<int>(std::floor(from.left() + (cut.right() - place.left()) * across)) - 1,
            static_cast<int>(std::floor(from.top() + (cut.bottom() - place.top()) * down)) - 1));
    if (source.isEmpty())
        return;
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.copy(source).save(&buffer, "png");
    element("<image x=\"" + svgNumber(place.left() + (source.left() - from.left()) / across)
        + "\" y=\"" + svgNumber(place.top() + (source.top() - from.top()) / down) + "\" width=\""
        + svgNumber(source.width() / across) + "\" height=\"" + svgNumber(source.height() / down)
        + "\" preserveAspectRatio=\"none\" href=\"data:image/png;base64," + bytes.toBase64()
        + "\"/>");
}

void SvgDevice::Engine::drawTextItem(const QPointF& at, const QTextItem& item)
{
    const QTransform transform = painter()->transform();
    const QRectF box(at.x(), at.y() - item.ascent(), item.width(), item.ascent() + item.descent());
    if (item.text().trimmed().isEmpty() || !clip().intersects(transform.mapRect(box)))
        return;
    const QFont font = item.font();
    QByteArray style = paint("fill", painter()->pen().color(), painter()->opacity())
        + " font-family=\"" + xmlText(font.family()) + ", sans-serif\" font-size=\""
        + svgNumber(font.pixelSize() > 0 ? font.pixelSize() : QFontInfo(font).pixelSize()) + "px\"";
    if (font.weight() > QFont::Medium)
        style += " font-weight=\"bold\"";
    if (font.italic())
        style += " font-style=\"italic\"";
    if (font.strikeOut())
        style += " text-decoration=\"line-through\"";
    QPointF place = at;
    if (transform.type() <= QTransform::TxTranslate) {
        place += QPointF(transform.dx(), transform.dy());
    } else {
        const auto precise = [](double value) { return QByteArray::number(value, 'g', 6); };
        style += " transform=\"matrix(" + precise(transform.m11()) + ' ' + precise(transform.m12())
            + ' ' + precise(transform.m21()) + ' ' + precise(transform.m22()) + ' '
            + precise(transform.dx()) + ' ' + precise(transform.dy()) + ")\"";
    }
    element("<text x=\"" + svgNumber(place.x()) + "\" y=\"" + svgNumber(place.y()) + '"' + style
        + '>' + xmlText(item.text()) + "</text>");
}

SvgDevice::SvgDevice(QSizeF size)
    : m_size(size)
    , m_engine(std::make_unique<Engine>(size))
{
}

SvgDevice::~SvgDevice() = default;

QPaintEngine* SvgDevice::paintEngine() const
{
    return m_engine.get();
}

QByteArray SvgDevice::elements() const
{
    return m_engine->elements();
}

int SvgDevice::metric(PaintDeviceMetric metric) const
{
    constexpr int dotsPerInch = 96;
    constexpr double millimetresPerInch = 25.4;
    switch (metric) {
    case PdmWidth:
        return static_cast<int>(std::ceil(m_size.width()));
    case PdmHeight:
        return static_cast<int>(std::ceil(m_size.height()));
    case PdmWidthMM:
        return qRound(m_size.width() * millimetresPerInch / dotsPerInch);
    case PdmHeightMM:
        return qRound(m_size.height() * millimetresPerInch / dotsPerInch);
    case PdmNumColors:
        return INT_MAX;
    case PdmDepth:
        return 32;
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY:
        return dotsPerInch;
    case PdmDevicePixelRatio:
        return 1;
    case PdmDevicePixelRatioScaled:
        return static_cast<int>(devicePixelRatioFScale());
    default:
        return QPaintDevice::metric(metric);
    }
}

QByteArray xmlText(const QString& text)
{
    QString clean;
    for (const QChar letter : text) {
        // XML 1.0 has no place for the others, not even as entities.
        const bool allowed = letter >= QLatin1Char(' ') || letter == QLatin1Char('\n')
            || letter == QLatin1Char('\t');
        clean += allowed && letter.unicode() < 0xFFFE ? letter : QLatin1Char('?');
    }
    // Lone halves of a pair become U+FFFD in UTF-8.
    return clean.toHtmlEscaped().toUtf8();
}

} // namespace manyhands::app
