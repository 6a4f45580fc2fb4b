#include "io/onnx/attributes.h"

#include "base/check.h"
#include "io/bytes.h"

namespace gradus::io::onnx {

const Attribute* Attributes::find(std::string_view name) const {
  read_.emplace(name);
  for (const Attribute& attribute : node_->attributes)
    if (attribute.name == name) return &attribute;
  return nullptr;
}

template <class T>
const T* Attributes::get(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(&attribute->value);
  require(value != nullptr, "its attribute '{}' has the wrong kind of value.", name);
  return value;
}

std::int64_t Attributes::integer(std::string_view name, std::int64_t preset) const {
  const auto* value = get<std::int64_t>(name);
  return value ? *value : preset;
}

double Attributes::real(std::string_view name, double preset) const {
  const auto* value = get<double>(name);
  return value ? *value : preset;
}

std::string Attributes::text(std::string_view name, const std::string& preset) const {
  const auto* value = get<std::string>(name);
  return value ? *value : preset;
}

std::vector<std::int64_t> Attributes::integers(std::string_view name,
                                               std::vector<std::int64_t> preset) const {
  const auto* value = get<std::vector<std::int64_t>>(name);
  return value ? *value : std::move(preset);
}

void Attributes::refuse_unread() const {
  for (const Attribute& attribute : node_->attributes)
    require(read_.contains(attribute.name), "its attribute {} is not supported.", in_quotes(attribute.name));
}

}  // namespace gradus::io::onnx
