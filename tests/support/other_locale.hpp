// SPDX-License-Identifier: MIT
// Locales that write numbers with a comma, made where the test runs: few machines have them.
#pragma once

#include <QByteArray>
#include <QFile>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <clocale>

namespace manyhands::test {

/// Makes a locale ("de_DE") that this process and its children can take on while this lives.
class OtherLocale
{
public:
    explicit OtherLocale(const QString& name)
    {
        const QString path = folder_.filePath(name + ".UTF-8");
        // It ends with 1 for what it merely warns of.
        QProcess::execute("localedef", {"-c", "--quiet", "-i", name, "-f", "UTF-8", path});
        qputenv("LOCPATH", folder_.path().toLocal8Bit());
    }
    ~OtherLocale()
    {
        std::setlocale(LC_ALL, "C");
        qunsetenv("LOCPATH");
    }
    OtherLocale(const OtherLocale&) = delete;
    OtherLocale& operator=(const OtherLocale&) = delete;

    /// Whether it is there now, and has a comma.
    static bool take_on(const QString& name)
    {
        return std::setlocale(LC_ALL, (name + ".UTF-8").toLocal8Bit().constData()) != nullptr
            && QByteArray(std::localeconv()->decimal_point) == ",";
    }
    QString folder() const { return folder_.path(); }

private:
    QTemporaryDir folder_;
};

} // namespace manyhands::test
