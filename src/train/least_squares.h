// The exact solution of models that are linear in their parameters.
#pragma once

#include "gradus/train.h"

namespace gradus::train {

// Refuses (Fault::usage) what cannot be solved: another loss than mse; layers after the dense one, or other
// trainable parameters; more features times examples than memory should hold.
void check_least_squares(const Prepared& run);

// Sets the network's only trainable dense layer so that the sum of squared errors over the training part is
// smallest: features before it from the engine, in f64, then QR with column pivoting and singular values
// (LAPACK dgelsd); of several solutions the one of least norm. Example weights are honoured.
void solve_least_squares(const Prepared& run);

}  // namespace gradus::train
