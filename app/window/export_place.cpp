// SPDX-License-Identifier: GPL-3.0-or-later
// Where an export goes: a file, whose suffix is its format, or a folder of frames.
#include "app/window/export_place.hpp"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>

#include <algorithm>

namespace manyhands::app {
namespace {

struct Format
{
    const char* suffix; ///< empty: a folder of frames
    const char* name;
};
constexpr Format formats[] = {{".png", QT_TRANSLATE_NOOP("manyhands::app::ExportPlace", "PNG")},
    {".svg", QT_TRANSLATE_NOOP("manyhands::app::ExportPlace", "SVG")},
    {".pdf", QT_TRANSLATE_NOOP("manyhands::app::ExportPlace", "PDF")},
    {".gif", QT_TRANSLATE_NOOP("manyhands::app::ExportPlace", "Animated GIF")},
    {"", QT_TRANSLATE_NOOP("manyhands::app::ExportPlace", "PNG frames (a folder)")}};
constexpr int framesRow = 4;

/// Of one of our formats, at the end of a path; empty where there is none.
QString suffixIn(const QString& path)
{
    for (const Format& format : formats) {
        if (*format.suffix != '\0' && path.endsWith(QLatin1String(format.suffix)))
            return QLatin1String(format.suffix);
    }
    return {};
}

QString usualFolder()
{
    const QString pictures = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    return QFileInfo(pictures).isDir() ? pictures : QDir::homePath();
}

} // namespace

ExportPlace::ExportPlace(QWidget* parent)
    : QWidget(parent)
    , m_path(new QLineEdit(this))
    , m_format(new QComboBox(this))
    , m_browse(new QPushButton(tr("&Browse…"), this))
{
    m_path->setAccessibleName(tr("File"));
    m_format->setAccessibleName(tr("Format"));
    m_browse->setAccessibleName(tr("Choose the file"));
    m_browse->setAutoDefault(false);
    for (const Format& format : formats)
        m_format->addItem(tr(format.name));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_path, 1);
    row->addWidget(m_format);
    row->addWidget(m_browse);
    setFocusProxy(m_path);
    connect(m_path, &QLineEdit::textEdited, this, &ExportPlace::pathEdited);
    connect(m_format, &QComboBox::activated, this, &ExportPlace::chooseFormat);
    connect(m_browse, &QPushButton::clicked, this, &ExportPlace::browse);
}

QString ExportPlace::path() const
{
    return m_path->text().trimmed();
}

bool ExportPlace::isFrames() const
{
    return m_format->currentIndex() == framesRow && suffixIn(path()).isEmpty();
}

void ExportPlace::setPath(const QString& path)
{
    m_path->setText(path);
    m_written = false;
    adoptFormat();
    if (suffixIn(path).isEmpty())
        m_format->setCurrentIndex(framesRow);
}

void ExportPlace::propose(const QString& name)
{
    if (m_written)
        return;
    const QString before = path();
    const QString folder = before.isEmpty() ? usualFolder() : QFileInfo(before).absolutePath();
    m_path->setText(folder + QLatin1Char('/') + name
        + QLatin1String(formats[std::max(0, m_format->currentIndex())].suffix));
}

void ExportPlace::chooseFormat(int row)
{
    QString path = m_path->text();
    path.chop(suffixIn(path).size());
    m_path->setText(path + QLatin1String(formats[row].suffix));
    emit changed();
}

void ExportPlace::pathEdited()
{
    m_written = true;
    adoptFormat();
    emit changed();
}

void ExportPlace::adoptFormat()
{
    const QString suffix = suffixIn(path());
    for (int row = 0; row < framesRow; ++row) {
        if (suffix == QLatin1String(formats[row].suffix))
            m_format->setCurrentIndex(row);
    }
}

void ExportPlace::browse()
{
    auto* dialog = new QFileDialog(this, tr("Export a figure"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    // Asked for when it is written.
    dialog->setOption(QFileDialog::DontConfirmOverwrite);
    dialog->setDirectory(QFileInfo(path()).absolutePath());
    dialog->selectFile(QFileInfo(path()).fileName());
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        const bool hasSuffix = !suffixIn(path).isEmpty();
        m_path->setText(
            hasSuffix ? path : path + QLatin1String(formats[m_format->currentIndex()].suffix));
        pathEdited();
    });
    dialog->open();
}

} // namespace manyhands::app
