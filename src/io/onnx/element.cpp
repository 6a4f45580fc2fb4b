// ONNX's element types, and what Gradus holds them as.
#include "io/onnx/element.h"

#include <array>

#include "gradus/onnx.h"

namespace gradus::io::onnx {
namespace {

struct Row {
  std::string_view name;
  std::optional<DType> held;
  std::optional<Stored> stored;
};

// By number.
constexpr std::array<Row, 17> kRows = {{
    {"undefined", {}, {}},
    {"float", DType::f32, Stored::f32},
    {"uint8", DType::u8, Stored::u8},
    {"int8", DType::i32, Stored::i8},
    {"uint16", DType::i32, Stored::u16},
    {"int16", DType::i32, Stored::i16},
    {"int32", DType::i32, Stored::i32},
    {"int64", DType::i64, Stored::i64},
    {"string", {}, {}},
    {"bool", DType::boolean, Stored::boolean},
    {"float16", DType::f32, Stored::f16},
    {"double", DType::f64, Stored::f64},
    {"uint32", DType::i64, Stored::u32},
    {"uint64", DType::i64, Stored::u64},
    {"complex64", {}, {}},
    {"complex128", {}, {}},
    {"bfloat16", DType::f32, Stored::bf16},
}};

const Row& row(Element element) {
  const auto number = static_cast<std::size_t>(element);
  return kRows[number < kRows.size() ? number : 0];
}

}  // namespace

std::string_view name(Element element) { return row(element).name; }
std::optional<DType> held_as(Element element) { return row(element).held; }
std::optional<Stored> stored_as(Element element) { return row(element).stored; }

Element element_of(std::int64_t number) {
  const bool known = number >= 0 && number < static_cast<std::int64_t>(kRows.size());
  return known ? static_cast<Element>(number) : Element::undefined;
}

}  // namespace gradus::io::onnx
