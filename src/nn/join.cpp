#include "nn/join.h"

#include <fmt/format.h>

#include <array>

#include "base/check.h"
#include "base/suggest.h"

namespace gradus::nn {

namespace {

constexpr std::array<std::pair<std::string_view, Join>, 4> kNames = {{{"add", Join::add},
                                                                      {"branch", Join::branch},
                                                                      {"concatenate", Join::concatenate},
                                                                      {"product", Join::product}}};

void check(const std::string& text, Join other) {
  std::vector<std::string> names;
  for (const auto& [name, join] : kNames) {
    if (join == other) continue;
    if (name == text) return;
    names.emplace_back(name);
  }
  fail(Fault::model, "there is no join '{}'.{} Known are {}.", text, did_you_mean(text, names),
       fmt::join(names, ", "));
}

}  // namespace

void check_dense_join(const std::string& text) { check(text, Join::add); }
void check_parallel_join(const std::string& text) { check(text, Join::branch); }

OptionDef join_option(std::string doc, void (*check)(const std::string&)) {
  return {.name = "join",
          .type = OptionDef::Type::text,
          .doc = std::move(doc),
          .preset = std::string("concatenate"),
          .check = check};
}

Join join_of(const LayerOptions& options) {
  for (const auto& [name, join] : kNames)
    if (name == options.text("join")) return join;
  GRADUS_CHECK(false);
  return Join::concatenate;
}

Value joined(const Values& parts, Join join, const std::string& title) {
  const Shape& first = parts[0].shape();
  const bool along = join == Join::concatenate;
  for (const Value& part : parts) {
    const Shape& shape = part.shape();
    const bool fits =
        along ? shape.rank() >= 2 && shape.rank() == first.rank() && shape.with(1, 1) == first.with(1, 1)
              : shape == first;
    require(fits, "{}: branches give {} and {}; {}.", title, first.str(), shape.str(),
            along ? "they must agree but for the channels, axis 1" : "their shapes must be equal");
  }
  if (along) return concat(parts, {.axis = 1});
  Value y = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) y = join == Join::add ? y + parts[i] : y * parts[i];
  return y;
}

OnnxValue onnx_joined(OnnxWriter& to, const std::vector<OnnxValue>& parts, Join join) {
  OnnxNode node{.op = "Concat", .inputs = {}, .attributes = {{"axis", std::int64_t{1}}}};
  std::int64_t channels = 0;
  for (const OnnxValue& part : parts) {
    node.inputs.push_back(part.name);
    channels += part.example[0];
  }
  if (join == Join::concatenate) return to.add(node, parts[0].example.with(0, channels));
  OnnxValue y = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i)
    y = onnx_binary(to, join == Join::add ? "Add" : "Mul", y, parts[i].name);
  return y;
}

}  // namespace gradus::nn
