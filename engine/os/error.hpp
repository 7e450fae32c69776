// SPDX-License-Identifier: MIT
// The engine's exceptions: what went wrong with which object, what was allowed, what to do.
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>

namespace manyhands {

/// What an Error carries; empty members are left out of its text.
struct ErrorDetails
{
    std::string object = {}; ///< what it is about: "workers", "queue tasks", "/tmp/run.json"
    std::string problem = {}; ///< what was wrong, as a clause: "is not a whole number"
    std::string value = {}; ///< the value met
    std::string limit = {}; ///< what is allowed: "1 to 256"
    std::string advice = {}; ///< what to do
    std::error_code code = {};
};

/// The engine's exception. what() is one line: "OBJECT PROBLEM: VALUE (allowed: LIMIT); ADVICE".
class Error : public std::runtime_error
{
public:
    explicit Error(ErrorDetails details);

    const std::string& object() const noexcept { return details_.object; }
    const std::string& value() const noexcept { return details_.value; }
    const std::string& limit() const noexcept { return details_.limit; }
    const std::error_code& code() const noexcept { return details_.code; }

private:
    ErrorDetails details_;
};

/// A value that a person or a program gave is not allowed (exit code 2).
class BadValue : public Error
{
public:
    using Error::Error;
};

/// The machine lacks something that the run needs (exit code 3).
class MachineLacks : public Error
{
public:
    using Error::Error;
};

/// An Error for a failed system call: object, call and errno's text.
Error system_error(std::string object, std::string problem, int error_number);

} // namespace manyhands
