#include "io/onnx/call.h"

#include "io/bytes.h"
#include "io/onnx/builder.h"
#include "io/onnx/element.h"

namespace gradus::io::onnx {

Graph& Call::graph() const { return builder_.graph(); }
std::int64_t Call::opset() const { return builder_.opset(node_.domain); }

Value Call::in(std::size_t i) const {
  require(has(i), "its input {} is needed and left out.", i);
  return names_.at(node_.inputs[i]);
}

Value Call::named(const std::string& name) const {
  const Value* value = names_.find(name);
  require(value != nullptr, "there is no value {} before it.", in_quotes(name));
  return *value;
}

Tensor Call::known(const Value& value) const { return builder_.constants().value(value); }

std::vector<std::int64_t> Call::integers(std::size_t i) const {
  const Tensor tensor = known(i);
  require(is_integer(tensor.dtype()) && tensor.shape().rank() <= 1,
          "its input {} must be a list of integers, it is {}.", i, tensor.type().str());
  std::vector<std::int64_t> list;
  const Tensor wide = tensor.cast(DType::i64);
  for (const std::int64_t number : wide.values<const std::int64_t>()) list.push_back(number);
  return list;
}

const Attribute* Call::find(std::string_view name) const {
  read_.emplace(name);
  for (const Attribute& attribute : node_.attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

template <class T>
const T* Call::get(std::string_view name) const {
  const Attribute* attribute = find(name);
  if (attribute == nullptr) return nullptr;
  const T* value = std::get_if<T>(&attribute->value);
  require(value != nullptr, "its attribute '{}' has the wrong kind of value.", name);
  return value;
}

std::int64_t Call::integer(std::string_view name, std::int64_t preset) const {
  const auto* value = get<std::int64_t>(name);
  return value ? *value : preset;
}

std::int64_t Call::integer(std::string_view name) const {
  require(given(name), "its attribute '{}' is needed and left out.", name);
  return integer(name, 0);
}

double Call::real(std::string_view name, double preset) const {
  const auto* value = get<double>(name);
  return value ? *value : preset;
}

std::string Call::text(std::string_view name, const std::string& preset) const {
  const auto* value = get<std::string>(name);
  return value ? *value : preset;
}

std::vector<std::int64_t> Call::integers(std::string_view name, std::vector<std::int64_t> preset) const {
  const auto* value = get<std::vector<std::int64_t>>(name);
  return value ? *value : std::move(preset);
}

std::vector<double> Call::reals(std::string_view name, std::vector<double> preset) const {
  const auto* value = get<std::vector<double>>(name);
  return value ? *value : std::move(preset);
}

std::vector<std::string> Call::texts(std::string_view name, std::vector<std::string> preset) const {
  const auto* value = get<std::vector<std::string>>(name);
  return value ? *value : std::move(preset);
}

const Array* Call::array(std::string_view name) const { return get<Array>(name); }

const Body& Call::body(std::string_view name) const {
  const auto* value = get<std::shared_ptr<const Body>>(name);
  require(value != nullptr, "its attribute '{}' is needed and left out.", name);
  return **value;
}

DType Call::dtype(std::string_view name, Element preset) const {
  const Element element = element_of(integer(name, static_cast<std::int64_t>(preset)));
  const std::optional<DType> held = held_as(element);
  require(held.has_value(), "elements of type {} ({}) are not supported.", onnx::name(element),
          integer(name, static_cast<std::int64_t>(preset)));
  return *held;
}

void Call::refuse_unread() const {
  for (const Attribute& attribute : node_.attributes) {
    require(read_.contains(attribute.name), "its attribute {} is not supported.", in_quotes(attribute.name));
  }
}

Values Call::run(const Body& body, const Values& inputs) const {
  return builder_.convert(body, inputs, &names_, "its body");
}

}  // namespace gradus::io::onnx
