// Ways to join the results of branches.
#pragma once

#include "nn/onnx.h"

namespace gradus::nn {

// Along axis 1, added, or multiplied. `title` opens the message for shapes that do not fit.
Value joined(const Values& parts, Join join, const std::string& title);
OnnxValue onnx_joined(OnnxWriter& to, const std::vector<OnnxValue>& parts, Join join);

// The option `join`, concatenate by default.
OptionDef join_option(std::string doc, void (*check)(const std::string&));
void check_dense_join(const std::string& text);     // concatenate, product, branch
void check_parallel_join(const std::string& text);  // concatenate, add, product
Join join_of(const LayerOptions& options);

}  // namespace gradus::nn
