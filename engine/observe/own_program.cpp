// SPDX-License-Identifier: MIT
#include "engine/observe/own_program.hpp"

#include "engine/os/process_figures.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace manyhands {
namespace {

constexpr std::size_t longest_output = std::size_t{16} << 20;
constexpr std::size_t longest_error_output = std::size_t{64} << 10;

// Takes in what has come; what is over `most` is read and forgotten, or the writer would stand
// still. Closes the end where nothing more can come.
void take(os::Descriptor& end, std::string& text, std::size_t most)
{
    char piece[65536];
    while (end.get() >= 0) {
        const ssize_t length = ::read(end.get(), piece, sizeof piece);
        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0 && errno == EAGAIN)
            return;
        if (length <= 0) {
            end.reset();
            return;
        }
        text.append(piece, std::min(static_cast<std::size_t>(length), most - text.size()));
    }
}

} // namespace

OwnProgram::OwnProgram(std::vector<std::string> arguments, const std::filesystem::path& program)
{
    os::PipeEnds output = os::make_pipe();
    os::PipeEnds errors = os::make_pipe();
    const os::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    launched_ = launch(
        {.program = program.empty() ? std::filesystem::read_symlink("/proc/self/exe") : program,
            .argv0 = {},
            .arguments = std::move(arguments),
            .inherit = {},
            .standard_input = nothing.get(),
            .output = output.write.get(),
            .error_output = errors.write.get(),
            .own_group = true});
    output_end_ = std::move(output.read);
    error_end_ = std::move(errors.read);
    for (const int end : {output_end_.get(), error_end_.get()})
        ::fcntl(end, F_SETFL, O_NONBLOCK);
}

OwnProgram::~OwnProgram()
{
    if (exit_)
        return;
    ::kill(-launched_.pid, SIGKILL);
    ::kill(launched_.pid, SIGKILL);
    while (::waitpid(launched_.pid, nullptr, 0) < 0 && errno == EINTR) { }
}

bool OwnProgram::poll()
{
    if (!exit_) {
        int status = 0;
        // Before the reading: what it wrote until its end has come then.
        if (::waitpid(launched_.pid, &status, WNOHANG) == launched_.pid)
            exit_ = os::exit_of_status(status);
    }
    take(output_end_, output_, longest_output);
    take(error_end_, error_output_, longest_error_output);
    return !exit_;
}

} // namespace manyhands
