// ONNX's element types as files hold them.
#pragma once

#include <cstdint>
#include <optional>

#include "gradus/onnx.h"
#include "io/decode.h"

namespace gradus::io::onnx {

Element element_of(std::int64_t number);  // undefined for numbers ONNX does not know
std::optional<Stored> stored_as(Element element);

}  // namespace gradus::io::onnx
