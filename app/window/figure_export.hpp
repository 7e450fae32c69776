// SPDX-License-Identifier: GPL-3.0-or-later
// What is to be exported from the window, the command that does the same, and the doing.
#pragma once

#include "app/figures/figure.hpp"
#include "app/figures/moving_picture_file.hpp"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>

namespace manyhands::app {

/// A figure, or a moving picture, and where it goes.
struct ExportOrder
{
    MovingPictureSettings settings; ///< of what does not move, its figure alone
    QString path;
    bool frames = false; ///< the path is a folder of PNG frames
    bool withData = false; ///< NAME.csv beside a figure
    bool seen = false; ///< the interval is what is seen whenever it is exported

    /// Nothing: a figure that does not move. Throws BadValue for a suffix that is no format.
    std::optional<MovingFormat> moving() const;
    /// The file of the data; empty where there is none.
    QString dataPath() const;
    /// Something stands where this would go.
    bool wouldReplace() const;
    /// The same under a name that is free: "primes-2.png" after "primes.png", and so on.
    ExportOrder underFreeName() const;
};

/// Throws BadValue for what cannot be drawn or written as far as it can be seen before.
void checkOrder(const ExportOrder& order);

/// For the settings file, and back; nothing where the text is none of ours.
QString textOf(const ExportOrder& order);
std::optional<ExportOrder> exportOrderFrom(const QString& text);

/// The command line that does the same with a saved run, quoted for a shell.
QString commandOf(const ExportOrder& order, const QString& runFile);
/// Carries orders out, one at a time: figures at once, moving pictures a frame at a time between
/// other events.
class FigureExport : public QObject
{
    Q_OBJECT

public:
    explicit FigureExport(QObject* parent = nullptr);
    ~FigureExport() override;

    /// Ends with exactly one of written(), failed() and cancelled(). Nothing must be under way.
    void start(FigureSubject subject, const ExportOrder& order);
    bool isBusy() const { return m_file != nullptr; }
    /// Gives up what is under way; nothing of it remains.
    void cancel();

signals:
    void progressed(int frames, int of);
    void written(const QString& path);
    /// One line.
    void failed(const QString& problem);
    void cancelled();

private:
    void writeFrame();
    void end();

    QString m_path;
    std::unique_ptr<MovingPicture> m_picture;
    std::unique_ptr<MovingPictureFile> m_file;
};

} // namespace manyhands::app
