#include "io/onnx/call.h"

#include "io/bytes.h"
#include "io/onnx/builder.h"

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

Values Call::run(const Body& body, const Values& inputs) const {
  return builder_.convert(body, inputs, &names_, "its body");
}

}  // namespace gradus::io::onnx
