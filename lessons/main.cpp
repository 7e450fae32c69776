// SPDX-License-Identifier: MIT
// manyhands-lesson: runs any of our lessons, observed by the app or alone in a terminal.
#include "lessons/catalogue.hpp"

int main(int argc, char** argv)
{
    return manyhands::run(argc, argv, manyhands::lessons::catalogue(), manyhands::embedded_files());
}
