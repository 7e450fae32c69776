// SPDX-License-Identifier: MIT
// What a lesson gives to the guide that leads through it: texts, predictions, quiz, what to try
// next. Part of its description, as structs and as JSON.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manyhands {

class JsonField;

// `when` lists conditions: "name=value", or "name=value,value" for any of them. All must hold, and
// none is always true; LessonDescription::holds() decides.

/// The steps that a lesson's text is cut into.
enum class GuideStep : std::uint8_t { read, observe, explain, pseudo_code };
std::string_view name_of(GuideStep step);

/// A passage of a lesson's text, in Markdown. `{name}` stands for the value of that quantity in the
/// run that is shown, with its unit. Links lead to what a chart can select ("see:lane/2",
/// "see:longest/waiting_lock"; app/views/view_state.hpp has them all) or to the web.
struct GuideText
{
    GuideStep step = GuideStep::read;
    std::vector<std::string> when; ///< of the runs that it is for
    std::string text;
};

/// The passages of a lesson's Markdown text. Everything before the first heading of a step is to be
/// read, but for the title ("# …"). The headings "## Read", "## Observe", "## Explain" and
/// "## Pseudo-code" begin a step's passage; behind a colon may stand for which values it is:
/// "## Observe: lock=none". A pseudo-code passage is the text inside its fence ("```").
std::vector<GuideText> guide_texts_from(std::string_view markdown);

/// A run that is suggested: parameters that are set by one click; the others stay.
struct Attempt
{
    std::string label; ///< "Use 4 times as many workers as CPUs"
    std::vector<std::string> words; ///< "workers=8", "schedule=static"
    std::string sweep = {}; ///< "chunk_size=1,10,100": measured for each of these; empty: one run
};

/// How a prediction is made.
enum class PredictionKind : std::uint8_t {
    number, ///< typed, or set on a scale
    choice, ///< one of several ranges
    point, ///< dragged on the chart that the run will fill
};
std::string_view name_of(PredictionKind kind);

/// An answer that holds where the measured value lies in low..high, both inclusive. Ranges of one
/// prediction do not overlap.
struct PredictionChoice
{
    std::string label;
    double low = 0;
    double high = 0;
};

/// A question that the run answers.
struct PredictionDescription
{
    std::string name;
    std::string question;
    /// What answers it: a quantity of the lesson, or one of the figures that every run has
    /// ("speedup", "efficiency", "wall_s").
    std::string quantity;
    PredictionKind kind = PredictionKind::number;
    std::string unit = {};
    double minimum = 0; ///< of the scale: numbers and points
    double maximum = 0;
    bool logarithmic = false; ///< the scale; the minimum is above zero then
    /// A single measurement has no spread: within this share of it a number is right.
    double tolerance = 0.1;
    std::vector<PredictionChoice> choices = {}; ///< of PredictionKind::choice
    /// Of a point: the chart that it is dragged on (the name of a view), and where on its x axis.
    std::string view = {};
    double x = 0;
    std::vector<std::string> when = {}; ///< asked only with these values ("variant=none")
};

/// How sure of a prediction somebody is.
enum class Confidence : std::uint8_t { guessing, fairly_sure, certain };
std::string_view name_of(Confidence confidence);

/// A prediction that somebody made.
struct Prediction
{
    std::string name; ///< of its description
    std::optional<double> value; ///< of a number or a point
    std::optional<std::size_t> choice; ///< index into the description's choices
    Confidence confidence = Confidence::guessing;
};

/// An answer to a quiz question.
struct QuizChoice
{
    std::string text;
    bool right = false;
    std::string reply; ///< why; of a wrong one, which belief it comes from and what to run to see
    std::optional<Attempt> attempt;
};

/// A question with several answers. Those of a description hold on every machine; those of a
/// result document are computed from the run.
struct QuizQuestion
{
    std::string name;
    std::string question;
    std::vector<QuizChoice> choices;
};

/// A chart of the lesson's own: its series come with the result document.
struct ViewDescription
{
    std::string name; ///< "lost_updates"; also of `--figure`
    std::string title;
    std::string x_label; ///< with its unit
    std::string y_label;
    bool x_logarithmic = false;
    bool y_logarithmic = false;
    std::string help; ///< one sentence: what to see in it; shown while it is empty
};

/// Drawn how.
enum class SeriesStyle : std::uint8_t { line, steps, points, bars };
std::string_view name_of(SeriesStyle style);

/// Values of a lesson's own view, measured or computed in the run.
struct Series
{
    std::string view; ///< name of its ViewDescription
    std::string name; ///< for the legend
    SeriesStyle style = SeriesStyle::line;
    bool reference = false; ///< what is expected, not measured: drawn thin and grey
    std::vector<double> x = {};
    std::vector<double> y = {}; ///< as many
    std::vector<double> low = {}; ///< first quartiles; empty, or as many
    std::vector<double> high = {};
};

/// Everything but the text that leads through a lesson. All of it may be empty.
struct Guide
{
    std::vector<PredictionDescription> predictions; ///< one to three
    std::vector<QuizQuestion> quiz;
    std::vector<Attempt> next; ///< what to try next
    std::vector<ViewDescription> views;
    /// The lesson has gates (engine/sync/gate.hpp): slow motion and steps are offered.
    bool gates = false;
    /// With these values (`when`) the run is held at its gates from the first instruction on;
    /// empty: never.
    std::vector<std::string> held_when;
};

nlohmann::json to_json(const Guide& guide);
/// Throws BadValue naming the field.
Guide guide_from(const JsonField& json);

nlohmann::json to_json(const QuizQuestion& question);
QuizQuestion quiz_question_from(const JsonField& json);
/// Points with a value that is missing or not finite are left out; of more than a chart can show
/// (10 000) every second one, or every third, … is kept.
nlohmann::json to_json(const Series& series);
Series series_from(const JsonField& json);

} // namespace manyhands
