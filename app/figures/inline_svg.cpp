// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figures/inline_svg.hpp"

#include <QRegularExpression>
#include <QXmlStreamReader>

namespace manyhands::app {
namespace {

bool isDropped(QStringView element)
{
    // The page has a title and a sentence of its own; nothing in a page is to be run.
    for (const auto* const name : {"title", "desc", "metadata", "script", "foreignObject"}) {
        if (element == QLatin1String(name))
            return true;
    }
    return false;
}

QString attribute(QStringView name, const QString& value)
{
    return QLatin1Char(' ') + name.toString() + QLatin1String("=\"") + value.toHtmlEscaped()
        + QLatin1Char('"');
}

/// An attribute as it stands in the page; empty for one that does not.
QString adapted(const QXmlStreamAttribute& given, const QString& prefix)
{
    static const QRegularExpression reference(QStringLiteral("url\\(\\s*['\"]?#"));
    const QString name = given.qualifiedName().toString();
    QString value = given.value().toString();
    // Namespaces and the treatment of blanks are XML's, not HTML's.
    if (name.startsWith(QLatin1String("xml")) || name.startsWith(QLatin1String("on")))
        return {};
    if (given.name() == QLatin1String("href")) {
        if (value.startsWith(QLatin1Char('#')))
            return attribute(u"href", QLatin1Char('#') + prefix + value.mid(1));
        return value.startsWith(QLatin1String("data:image/")) ? attribute(u"href", value)
                                                              : QString();
    }
    if (name == QLatin1String("id"))
        value.prepend(prefix);
    value.replace(reference, QLatin1String("url(#") + prefix);
    return attribute(name, value);
}

QString adapted(const QXmlStreamAttributes& attributes, const QString& prefix)
{
    QString all;
    for (const QXmlStreamAttribute& one : attributes)
        all += adapted(one, prefix);
    return all;
}

/// What opens the whole: no size but that of its place, and a name. That nothing is filled unless
/// it says so is the page's style to tell: HTML has no such attribute here.
QString root(const QXmlStreamAttributes& given, const QString& prefix, const QString& label)
{
    QString text = QLatin1String("<svg role=\"img\"") + attribute(u"aria-label", label);
    for (const QXmlStreamAttribute& one : given) {
        if (one.name() != QLatin1String("width") && one.name() != QLatin1String("height")
            && one.name() != QLatin1String("version") && one.name() != QLatin1String("baseProfile")
            && one.name() != QLatin1String("fill"))
            text += adapted(one, prefix);
    }
    return text + QLatin1String(">\n<title>") + label.toHtmlEscaped() + QLatin1String("</title>\n");
}

} // namespace

QString inlineSvg(const QByteArray& svg, const QString& prefix, const QString& label)
{
    QByteArray bytes = svg;
    // A process may have given itself any name, and XML allows no such bytes.
    bytes.removeIf([](char byte) {
        return static_cast<unsigned char>(byte) < 0x20 && byte != '\n' && byte != '\t';
    });
    QXmlStreamReader reader(bytes);
    QString text;
    int depth = 0;
    while (!reader.atEnd()) {
        switch (reader.readNext()) {
        case QXmlStreamReader::StartElement:
            if (isDropped(reader.name())) {
                reader.skipCurrentElement();
            } else if (depth++ == 0) {
                text += root(reader.attributes(), prefix, label);
            } else {
                text += QLatin1Char('<') + reader.qualifiedName().toString()
                    + adapted(reader.attributes(), prefix) + QLatin1Char('>');
            }
            break;
        case QXmlStreamReader::EndElement:
            --depth;
            text += QLatin1String("</") + reader.qualifiedName().toString() + QLatin1String(">\n");
            break;
        case QXmlStreamReader::Characters:
            if (depth > 0 && !reader.isWhitespace())
                text += reader.text().toString().toHtmlEscaped();
            break;
        default:
            break;
        }
    }
    return reader.hasError() ? QString() : text;
}

} // namespace manyhands::app
