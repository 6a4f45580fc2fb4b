// The pieces of the graph's text form that the printer and the parser must agree on.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "gradus/tensor.h"
#include "gradus/value.h"

namespace gradus::text {

inline constexpr std::int64_t kMaxPrinted = 64;  // elements of a tensor that are written out

inline constexpr std::array kDTypes = {DType::f32, DType::f64,     DType::i32, DType::i64,
                                       DType::u8,  DType::boolean, DType::bf16};
inline constexpr std::array kRoles = {std::pair{Role::parameter, std::string_view("parameter")},
                                      std::pair{Role::optimizer, std::string_view("optimizer")},
                                      std::pair{Role::statistic, std::string_view("statistic")},
                                      std::pair{Role::control, std::string_view("control")}};

// In double quotes, with backslashes before quotes and backslashes, and \n, \t, \xHH.
std::string quoted(std::string_view raw);

// The shortest digits that read back as the same number; always with a point, an exponent, inf or nan, so
// that it never looks like an integer.
std::string number(double value);
std::string number(float value);

}  // namespace gradus::text
