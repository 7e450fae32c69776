// SPDX-License-Identifier: MIT
#include "engine/description/guide.hpp"

#include "engine/description/json_list.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace manyhands {
namespace {

/// More points than a chart has pixels.
constexpr std::size_t most_points = 10'000;

constexpr PredictionKind prediction_kinds[]
    = {PredictionKind::number, PredictionKind::choice, PredictionKind::point};
constexpr SeriesStyle series_styles[]
    = {SeriesStyle::line, SeriesStyle::steps, SeriesStyle::points, SeriesStyle::bars};

nlohmann::json attempt_to_json(const Attempt& attempt)
{
    return {{"label", attempt.label}, {"words", attempt.words}, {"sweep", attempt.sweep}};
}

Attempt attempt_from(const JsonField& json)
{
    return {.label = line_from(json.member("label")),
        .words = lines_from(json.member("words")),
        .sweep = line_from(json.member("sweep"))};
}

nlohmann::json choice_to_json(const PredictionChoice& choice)
{
    return {{"label", choice.label}, {"low", choice.low}, {"high", choice.high}};
}

PredictionChoice choice_from(const JsonField& json)
{
    PredictionChoice choice = {.label = line_from(json.member("label")),
        .low = json.member("low").number(),
        .high = json.member("high").number()};
    if (choice.high < choice.low)
        json.member("high").refuse("is below low");
    return choice;
}

/// Whether a value that is no end of a range lies in two of them.
bool overlap(std::vector<PredictionChoice> choices)
{
    std::sort(choices.begin(), choices.end(),
        [](const PredictionChoice& a, const PredictionChoice& b) { return a.low < b.low; });
    return std::adjacent_find(choices.begin(), choices.end(),
               [](const PredictionChoice& a, const PredictionChoice& b) { return b.low < a.high; })
        != choices.end();
}

nlohmann::json prediction_to_json(const PredictionDescription& prediction)
{
    return {{"name", prediction.name}, {"question", prediction.question},
        {"quantity", prediction.quantity}, {"kind", name_of(prediction.kind)},
        {"unit", prediction.unit}, {"minimum", prediction.minimum}, {"maximum", prediction.maximum},
        {"logarithmic", prediction.logarithmic}, {"tolerance", prediction.tolerance},
        {"choices", list_to_json(prediction.choices, choice_to_json)}, {"view", prediction.view},
        {"x", prediction.x}, {"when", prediction.when}};
}

PredictionDescription prediction_from(const JsonField& json)
{
    PredictionDescription prediction;
    prediction.name = json.member("name").name();
    prediction.question = line_from(json.member("question"));
    prediction.quantity = json.member("quantity").name();
    prediction.kind = enumerator_from(json.member("kind"), prediction_kinds, "kind of prediction");
    prediction.unit = line_from(json.member("unit"));
    prediction.minimum = json.member("minimum").number();
    prediction.maximum = json.member("maximum").number();
    prediction.logarithmic = json.member("logarithmic").flag();
    prediction.tolerance = json.member("tolerance").number();
    prediction.choices = list_from(json.member("choices"), choice_from);
    prediction.view = line_from(json.member("view"));
    prediction.x = json.member("x").number();
    prediction.when = lines_from(json.member("when"));
    if (prediction.tolerance < 0)
        json.member("tolerance").refuse("is below zero");
    if (prediction.kind == PredictionKind::point && prediction.view.empty())
        json.member("view").refuse("is empty, and the kind point");
    if (prediction.kind == PredictionKind::choice) {
        if (prediction.choices.size() < 2)
            json.member("choices").refuse("are less than two");
        if (overlap(prediction.choices))
            json.member("choices").refuse("overlap");
    } else if (prediction.maximum <= prediction.minimum) {
        json.member("maximum").refuse("is not above the minimum");
    } else if (prediction.logarithmic && prediction.minimum <= 0) {
        json.member("minimum").refuse("is not above zero, and the scale logarithmic");
    }
    return prediction;
}

nlohmann::json quiz_choice_to_json(const QuizChoice& choice)
{
    return {{"text", choice.text}, {"right", choice.right}, {"reply", choice.reply},
        {"attempt", choice.attempt ? attempt_to_json(*choice.attempt) : nlohmann::json()}};
}

QuizChoice quiz_choice_from(const JsonField& json)
{
    QuizChoice choice = {.text = line_from(json.member("text")),
        .right = json.member("right").flag(),
        .reply = line_from(json.member("reply")),
        .attempt = {}};
    if (const JsonField attempt = json.member("attempt"); !attempt.is_null())
        choice.attempt = attempt_from(attempt);
    return choice;
}

nlohmann::json view_to_json(const ViewDescription& view)
{
    return {{"name", view.name}, {"title", view.title}, {"x_label", view.x_label},
        {"y_label", view.y_label}, {"x_logarithmic", view.x_logarithmic},
        {"y_logarithmic", view.y_logarithmic}, {"help", view.help}};
}

ViewDescription view_from(const JsonField& json)
{
    return {.name = json.member("name").name(),
        .title = line_from(json.member("title")),
        .x_label = line_from(json.member("x_label")),
        .y_label = line_from(json.member("y_label")),
        .x_logarithmic = json.member("x_logarithmic").flag(),
        .y_logarithmic = json.member("y_logarithmic").flag(),
        .help = line_from(json.member("help"))};
}

double number_from(const JsonField& json)
{
    return json.number();
}

/// Whether a point can be drawn: none of its numbers is missing or not finite. (No JSON text can
/// hold those either.)
bool whole_point(const Series& series, std::size_t i)
{
    const auto one = [i](const std::vector<double>& values) {
        return i < values.size() && std::isfinite(values[i]);
    };
    return one(series.x) && one(series.y) && (series.low.empty() || one(series.low))
        && (series.high.empty() || one(series.high));
}

std::string trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\n");
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

/// The passage that a heading begins; nothing where the line is none of the steps' headings.
std::optional<GuideText> heading(std::string_view line)
{
    if (!line.starts_with("## "))
        return std::nullopt;
    const std::size_t colon = line.find(':');
    const std::string word = trimmed(line.substr(0, colon).substr(3));
    for (const auto& [name, step] :
        {std::pair{"Read", GuideStep::read}, {"Observe", GuideStep::observe},
            {"Explain", GuideStep::explain}, {"Pseudo-code", GuideStep::pseudo_code}}) {
        if (word != name)
            continue;
        GuideText passage = {.step = step, .when = {}, .text = {}};
        if (colon != std::string_view::npos) {
            std::istringstream conditions{std::string(line.substr(colon + 1))};
            for (std::string condition; conditions >> condition;)
                passage.when.push_back(condition);
        }
        return passage;
    }
    return std::nullopt;
}

/// What stands inside a fence; the text itself where there is none.
std::string inside_fence(const std::string& text)
{
    if (!text.starts_with("```") || !text.ends_with("```"))
        return text;
    const std::size_t first = text.find('\n');
    const std::size_t last = text.rfind('\n');
    return first < last ? text.substr(first + 1, last - first - 1) : std::string();
}

} // namespace

std::string_view name_of(GuideStep step)
{
    constexpr std::string_view names[] = {"read", "observe", "explain", "pseudo_code"};
    return names[static_cast<std::size_t>(step)];
}

std::string_view name_of(PredictionKind kind)
{
    constexpr std::string_view names[] = {"number", "choice", "point"};
    return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(Confidence confidence)
{
    constexpr std::string_view names[] = {"guessing", "fairly_sure", "certain"};
    return names[static_cast<std::size_t>(confidence)];
}

std::string_view name_of(SeriesStyle style)
{
    constexpr std::string_view names[] = {"line", "steps", "points", "bars"};
    return names[static_cast<std::size_t>(style)];
}

std::vector<GuideText> guide_texts_from(std::string_view markdown)
{
    std::vector<GuideText> passages = {GuideText{}};
    bool fenced = false;
    bool titled = false;
    while (!markdown.empty()) {
        const std::size_t end = markdown.find('\n');
        const std::string_view line = markdown.substr(0, end);
        markdown.remove_prefix(end == std::string_view::npos ? markdown.size() : end + 1);
        if (line.starts_with("```"))
            fenced = !fenced;
        if (std::optional<GuideText> next = fenced ? std::nullopt : heading(line)) {
            passages.push_back(*std::move(next));
            continue;
        }
        if (!fenced && !titled && line.starts_with("# ")) {
            titled = true;
            continue;
        }
        passages.back().text.append(line).append("\n");
    }
    for (GuideText& passage : passages) {
        passage.text = trimmed(passage.text);
        if (passage.step == GuideStep::pseudo_code)
            passage.text = inside_fence(passage.text);
    }
    std::erase_if(passages, [](const GuideText& passage) { return passage.text.empty(); });
    return passages;
}

nlohmann::json to_json(const Guide& guide)
{
    return {{"predictions", list_to_json(guide.predictions, prediction_to_json)},
        {"quiz", list_to_json(guide.quiz, to_json)},
        {"next", list_to_json(guide.next, attempt_to_json)},
        {"views", list_to_json(guide.views, view_to_json)}, {"gates", guide.gates},
        {"held_when", guide.held_when}};
}

Guide guide_from(const JsonField& json)
{
    Guide guide;
    const JsonField predictions = json.member("predictions");
    guide.predictions = list_from(predictions, prediction_from);
    refuse_same_names(predictions, guide.predictions, &PredictionDescription::name);
    const JsonField quiz = json.member("quiz");
    guide.quiz = list_from(quiz, quiz_question_from);
    refuse_same_names(quiz, guide.quiz, &QuizQuestion::name);
    guide.next = list_from(json.member("next"), attempt_from);
    const JsonField views = json.member("views");
    guide.views = list_from(views, view_from);
    refuse_same_names(views, guide.views, &ViewDescription::name);
    guide.gates = json.member("gates").flag();
    guide.held_when = lines_from(json.member("held_when"));
    return guide;
}

nlohmann::json to_json(const QuizQuestion& question)
{
    return {{"name", question.name}, {"question", question.question},
        {"choices", list_to_json(question.choices, quiz_choice_to_json)}};
}

QuizQuestion quiz_question_from(const JsonField& json)
{
    QuizQuestion question;
    question.name = json.member("name").name();
    question.question = line_from(json.member("question"));
    const JsonField choices = json.member("choices");
    question.choices = list_from(choices, quiz_choice_from);
    if (question.choices.size() < 2)
        choices.refuse("are less than two");
    return question;
}

nlohmann::json to_json(const Series& series)
{
    std::vector<std::size_t> points;
    for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (whole_point(series, i))
            points.push_back(i);
    }
    const std::size_t step = (points.size() + most_points - 1) / most_points;
    Series kept;
    const auto keep = [](std::vector<double>& to, const std::vector<double>& from, std::size_t i) {
        if (!from.empty())
            to.push_back(from[i]);
    };
    for (std::size_t i = 0; i < points.size(); i += step) {
        keep(kept.x, series.x, points[i]);
        keep(kept.y, series.y, points[i]);
        keep(kept.low, series.low, points[i]);
        keep(kept.high, series.high, points[i]);
    }
    return {{"view", series.view}, {"name", series.name}, {"style", name_of(series.style)},
        {"reference", series.reference}, {"x", kept.x}, {"y", kept.y}, {"low", kept.low},
        {"high", kept.high}};
}

Series series_from(const JsonField& json)
{
    Series series;
    series.view = json.member("view").name();
    series.name = line_from(json.member("name"));
    series.style = enumerator_from(json.member("style"), series_styles, "style of series");
    series.reference = json.member("reference").flag();
    series.x = list_from(json.member("x"), number_from, most_points);
    series.y = list_from(json.member("y"), number_from, most_points);
    series.low = list_from(json.member("low"), number_from, most_points);
    series.high = list_from(json.member("high"), number_from, most_points);
    if (series.y.size() != series.x.size())
        json.member("y").refuse("has not as many values as x");
    for (const char* const name : {"low", "high"}) {
        const std::size_t size = (name[0] == 'l' ? series.low : series.high).size();
        if (size != 0 && size != series.x.size())
            json.member(name).refuse("has not as many values as x");
    }
    return series;
}

} // namespace manyhands
