// SPDX-License-Identifier: GPL-3.0-or-later
// The program `manyhands`: a command, or the window.
#include "app/command_line/command_line.hpp"
#include "engine/observe/program_start.hpp"

int main(int argc, char** argv)
{
    manyhands::prepare_program();
    return manyhands::app::commandLine(argc, argv);
}
