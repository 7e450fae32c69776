// SPDX-License-Identifier: MIT
#include "engine/recording/trace_lines.hpp"

#include <nlohmann/json.hpp>

namespace manyhands {
namespace {

void append_microseconds(std::string& text, std::int64_t ns)
{
    append_digits(text, ns / 1000);
    const std::int64_t decimals = ns % 1000;
    const auto digit = [](std::int64_t value) { return static_cast<char>('0' + value); };
    const char point[]
        = {'.', digit(decimals / 100), digit(decimals / 10 % 10), digit(decimals % 10)};
    text.append(point, sizeof point);
}

} // namespace

std::string written(const nlohmann::json& json)
{
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string json_string(std::string_view text)
{
    return written(std::string(text));
}

void append_digits(std::string& text, double number)
{
    if (number == 0 && std::signbit(number)) {
        text += "-0.0"; // "-0" would be read as a whole number
        return;
    }
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.begin(), buffer.end(), number);
    text.append(buffer.data(), end.ptr);
}

void TraceLines::begin(
    char phase, std::string_view name, std::string_view category, std::string_view identity)
{
    buffer_.append(events_++ == 0 ? "\n{\"ph\":\"" : ",\n{\"ph\":\"").append(1, phase);
    buffer_.append("\",\"name\":\"").append(name).append("\"");
    if (!category.empty())
        buffer_.append(",\"cat\":\"").append(category).append("\"");
    buffer_.append(identity);
}

void TraceLines::begin(char phase, std::string_view name, std::string_view category,
    std::int64_t time_ns, std::string_view identity)
{
    begin(phase, name, category, ",\"ts\":");
    append_microseconds(buffer_, time_ns);
    buffer_.append(identity);
}

void TraceLines::id(std::uint64_t id)
{
    // Perfetto reads an id as a hexadecimal number, and draws no arrow where it is none.
    buffer_.append(",\"id\":\"0x");
    append_digits(buffer_, id, 16);
    buffer_.append("\"");
}

Arguments TraceLines::arguments()
{
    buffer_.append(",\"args\":{");
    return Arguments(buffer_);
}

void TraceLines::flush()
{
    if (!buffer_.empty())
        sink_(buffer_);
    buffer_.clear();
}

} // namespace manyhands
