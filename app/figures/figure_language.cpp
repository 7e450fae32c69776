// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/figure_language.hpp"

#include <QCoreApplication>
#include <QFile>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTranslator>

namespace manyhands::app {
namespace {

const QString german = QStringLiteral("de");

/// Words by what they are in English, wherever they stand. What is not among them stays English.
class FigureWords : public QTranslator
{
public:
    explicit FigureWords(const QString& path)
    {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly))
            qFatal("the embedded words of figures cannot be read");
        const QJsonObject words = QJsonDocument::fromJson(file.readAll())
                                      .object()
                                      .value(QLatin1String("words"))
                                      .toObject();
        for (auto word = words.begin(); word != words.end(); ++word)
            m_words.insert(word.key().toUtf8(), word.value().toString());
    }

    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* source, const char*, int) const override
    {
        return m_words.value(source);
    }

private:
    QHash<QByteArray, QString> m_words;
};

FigureWords& germanWords()
{
    static FigureWords words(QStringLiteral(":/manyhands/resources/translations/figures_de.json"));
    return words;
}

/// How many of them say German now: it is installed once.
int germanCount = 0;

} // namespace

const QStringList& figureLanguages()
{
    static const QStringList languages = {QStringLiteral("en"), german};
    return languages;
}

FigureLanguage::FigureLanguage(const QString& language)
    : m_german(language == german)
{
    QLocale::setDefault(m_german ? QLocale(QLocale::German, QLocale::Germany) : QLocale::c());
    if (m_german && germanCount++ == 0)
        QCoreApplication::installTranslator(&germanWords());
}

FigureLanguage::~FigureLanguage()
{
    if (m_german && --germanCount == 0)
        QCoreApplication::removeTranslator(&germanWords());
    QLocale::setDefault(m_before);
}

} // namespace manyhands::app
