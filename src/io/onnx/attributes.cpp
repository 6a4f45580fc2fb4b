#include "io/onnx/attributes.h"

#include "base/check.h"
#include "io/bytes.h"
#include "io/onnx/element.h"

namespace gradus::io::onnx {

const Attribute* Attributes::find(std::string_view name) const {
  read_.emplace(name);
  for (const Attribute& attribute : node_->attributes) {
    if (attribute.name == name) return &attribute;
  }
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

std::int64_t Attributes::integer(std::string_view name) const {
  require(given(name), "its attribute '{}' is needed and left out.", name);
  return integer(name, 0);
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

std::vector<double> Attributes::reals(std::string_view name, std::vector<double> preset) const {
  const auto* value = get<std::vector<double>>(name);
  return value ? *value : std::move(preset);
}

std::vector<std::string> Attributes::texts(std::string_view name, std::vector<std::string> preset) const {
  const auto* value = get<std::vector<std::string>>(name);
  return value ? *value : std::move(preset);
}

const Array* Attributes::array(std::string_view name) const { return get<Array>(name); }

const Body& Attributes::body(std::string_view name) const {
  const auto* value = get<std::shared_ptr<const Body>>(name);
  require(value != nullptr, "its attribute '{}' is needed and left out.", name);
  return **value;
}

DType Attributes::dtype(std::string_view name, Element preset) const {
  const Element element = element_of(integer(name, static_cast<std::int64_t>(preset)));
  const std::optional<DType> held = held_as(element);
  require(held.has_value(), "elements of type {} ({}) are not supported.", onnx::name(element),
          integer(name, static_cast<std::int64_t>(preset)));
  return *held;
}

void Attributes::refuse_unread() const {
  for (const Attribute& attribute : node_->attributes) {
    require(read_.contains(attribute.name), "its attribute {} is not supported.", in_quotes(attribute.name));
  }
}

}  // namespace gradus::io::onnx
