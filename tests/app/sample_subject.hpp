// SPDX-License-Identifier: GPL-3.0-or-later
// A run written by hand that every view has something to show of.
#pragma once

#include "app/figures/figure.hpp"

namespace manyhands::app::test {

/// Workers that count primes, with samples of their memory, points over workers, a parameter that
/// was swept, predictions and series of two views of the lesson's own.
FigureSubject sampleSubject(int workers);

} // namespace manyhands::app::test
