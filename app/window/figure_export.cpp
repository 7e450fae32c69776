// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/figure_export.hpp"

#include "app/figures/report_text.hpp"

#include "app/figures/figure_file.hpp"
#include "engine/observe/lesson_program.hpp"
#include "engine/observe/output_file.hpp"

#include <QFileInfo>
#include <QRegularExpression>
#include <QTimer>

#include <nlohmann/json.hpp>
#include <utility>

namespace manyhands::app {
namespace {

std::filesystem::path pathOf(const QString& text)
{
    return QFile::encodeName(text).toStdString();
}

} // namespace

std::optional<MovingFormat> ExportOrder::moving() const
{
    if (frames)
        return MovingFormat::frames;
    if (figureFormatOf(path.toStdString()) == FigureFormat::gif)
        return MovingFormat::gif;
    return std::nullopt;
}

QString ExportOrder::dataPath() const
{
    if (!withData || moving())
        return {};
    return QString::fromStdString(
        std::filesystem::path(path.toStdString()).replace_extension(".csv").string());
}

bool ExportOrder::wouldReplace() const
{
    const QString data = dataPath();
    return QFileInfo::exists(path) || (!data.isEmpty() && QFileInfo::exists(data));
}

ExportOrder ExportOrder::underFreeName() const
{
    ExportOrder order = *this;
    static const QRegularExpression parts(QStringLiteral("^(.*?)(?:-(\\d{1,6}))?(\\.[a-z]+)?$"),
        QRegularExpression::DotMatchesEverythingOption);
    const QRegularExpressionMatch match = parts.match(path);
    for (int number = match.captured(2).toInt(); order.wouldReplace();) {
        number = std::max(2, number + 1);
        order.path
            = match.captured(1) + QLatin1Char('-') + QString::number(number) + match.captured(3);
    }
    return order;
}

void checkOrder(const ExportOrder& order)
{
    if (const auto format = order.moving()) {
        checkMovingPicture(order.settings);
        checkMovingPath(pathOf(order.path), *format);
        return;
    }
    checkFigure(order.settings.figure);
    check_output_path(pathOf(order.path));
    if (order.withData)
        check_output_path(pathOf(order.dataPath()));
}

QString textOf(const ExportOrder& order)
{
    const nlohmann::json object
        = {{"figure", figureObject(order.settings.figure)}, {"seconds", order.settings.seconds},
            {"fps", order.settings.fps}, {"path", order.path.toStdString()},
            {"frames", order.frames}, {"data", order.withData}, {"seen", order.seen}};
    return QString::fromStdString(object.dump());
}

std::optional<ExportOrder> exportOrderFrom(const QString& text)
{
    try {
        const nlohmann::json object = nlohmann::json::parse(text.toStdString());
        ExportOrder order;
        order.settings.figure = figureSettingsFrom(object.at("figure"));
        order.settings.seconds = object.at("seconds").get<double>();
        order.settings.fps = object.at("fps").get<int>();
        order.path = QString::fromStdString(object.at("path").get<std::string>());
        order.frames = object.at("frames").get<bool>();
        order.withData = object.at("data").get<bool>();
        order.seen = object.at("seen").get<bool>();
        return order;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

QString commandOf(const ExportOrder& order, const QString& runFile)
{
    const QString& view = order.settings.figure.view;
    QStringList words = {QStringLiteral("manyhands"), QStringLiteral("export"), runFile};
    if (order.frames) {
        words << QStringLiteral("--frames")
              << (view == MovingPictureSettings().figure.view ? QString() : view + QLatin1Char('='))
                + order.path;
    } else {
        words << QStringLiteral("--figure") << view + QLatin1Char('=') + order.path;
    }
    words << figureOptions(order.settings.figure);
    const QString data = order.dataPath();
    if (!data.isEmpty())
        words << QStringLiteral("--with-data");
    if (order.moving()) {
        const MovingPictureSettings usual;
        if (order.settings.fps != usual.fps)
            words << QStringLiteral("--fps") << QString::number(order.settings.fps);
        if (order.settings.seconds != usual.seconds)
            words << QStringLiteral("--seconds")
                  << QString::number(order.settings.seconds, 'g', 12);
    }
    for (QString& word : words)
        word = shellWord(word);
    return words.join(QLatin1Char(' '));
}

FigureExport::FigureExport(QObject* parent)
    : QObject(parent)
{
}

FigureExport::~FigureExport() = default;

void FigureExport::start(FigureSubject subject, const ExportOrder& order)
{
    m_path = order.path;
    try {
        checkOrder(order);
        if (const auto format = order.moving()) {
            m_picture = std::make_unique<MovingPicture>(std::move(subject), order.settings);
            m_file = std::make_unique<MovingPictureFile>(*m_picture, pathOf(order.path), *format);
            emit progressed(0, m_file->frames());
            QTimer::singleShot(0, this, &FigureExport::writeFrame);
            return;
        }
        Figure figure(std::move(subject), order.settings.figure);
        writeFigure(figure, pathOf(order.path), order.withData);
    } catch (const Error& error) {
        end();
        emit failed(QString::fromUtf8(error.what()));
        return;
    }
    emit written(m_path);
}

void FigureExport::writeFrame()
{
    if (!isBusy())
        return;
    try {
        const bool more = m_file->writeNext();
        emit progressed(m_file->written(), m_file->frames());
        if (more) {
            QTimer::singleShot(0, this, &FigureExport::writeFrame);
            return;
        }
    } catch (const Error& error) {
        end();
        emit failed(QString::fromUtf8(error.what()));
        return;
    }
    end();
    emit written(m_path);
}

void FigureExport::end()
{
    m_file.reset();
    m_picture.reset();
}

void FigureExport::cancel()
{
    if (!isBusy())
        return;
    end();
    emit cancelled();
}

} // namespace manyhands::app
