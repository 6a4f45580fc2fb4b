// What the names of precisions mean: f32, f64; bf16 (f32 with products and convolutions of bf16, where the
// processor has instructions for it); bf16-emulated (the same with or without).
#pragma once

#include <optional>
#include <string>

#include "gradus/compile.h"
#include "gradus/train.h"

namespace gradus::train {

// Fault::usage unless it is one of them; `where` opens the message.
void require_precision(const std::string& name, const std::string& where);
// Of variables.
DType dtype_of_precision(const std::string& name);
// Makes "bf16" on a processor without instructions for it "f32", and gives the remark that says so.
std::optional<std::string> settle_precision(std::string& name);
CompileOptions compile_options(const std::string& precision, std::int64_t threads);

}  // namespace gradus::train
