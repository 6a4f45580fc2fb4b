// The converters, family by family.
#pragma once

#include <vector>

#include "io/onnx/call.h"

namespace gradus::io::onnx {

std::vector<Converter> arithmetic_ops();
std::vector<Converter> activation_ops();

}  // namespace gradus::io::onnx
