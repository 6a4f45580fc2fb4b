#include <cstring>

#include "base/check.h"
#include "gradus/op_def.h"

namespace gradus {

namespace {

bool same(const AttrValue& a, const AttrValue& b) {
  if (a.index() != b.index()) return false;
  // NaN constants are equal to themselves here: attributes are compared as written.
  if (const auto* x = std::get_if<double>(&a)) return std::memcmp(x, &std::get<double>(b), sizeof *x) == 0;
  if (const auto* x = std::get_if<Tensor>(&a)) return x->same_bits(std::get<Tensor>(b));
  return std::visit(
      [&](const auto& x) {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, Tensor>)
          return false;
        else
          return x == std::get<T>(b);
      },
      a);
}

std::size_t hash_of(const AttrValue& value) {
  return std::visit(
      [](const auto& x) -> std::size_t {
        using T = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<T, Tensor>) {
          return std::hash<std::string_view>()({reinterpret_cast<const char*>(x.data()), x.byte_size()});
        } else if constexpr (std::is_same_v<T, Variable>) {
          return std::hash<const void*>()(x.id());
        } else if constexpr (std::is_same_v<T, Shape> || std::is_same_v<T, std::vector<std::int64_t>>) {
          std::size_t h = 0;
          for (const std::int64_t v : x) h = h * 31 + std::hash<std::int64_t>()(v);
          return h;
        } else {
          return std::hash<T>()(x);
        }
      },
      value);
}

}  // namespace

bool Attrs::operator==(const Attrs& other) const {
  if (tag_ != other.tag_ || list_->size() != other.list_->size()) return false;
  for (std::size_t i = 0; i < list_->size(); ++i) {
    if (!same((*list_)[i].second, (*other.list_)[i].second)) return false;
  }
  return true;
}

std::size_t Attrs::hash() const {
  std::size_t h = 17;
  for (const auto& [key, value] : *list_) h = h * 1000003 + hash_of(value);
  return h;
}

GradientRule::GradientRule(Single rule)
    : rule_([rule](const Node& node, const Values& y, const Values& dy) {
        GRADUS_CHECK(y.size() == 1);
        return rule(node, y[0], dy[0]);
      }) {}

}  // namespace gradus
