#include "gradus/tensor.h"

#include <cstring>

#include "base/buffer.h"
#include "base/check.h"
#include "tensor/dispatch.h"

namespace gradus {

Tensor::Tensor(const Type& type) : type_(type), memory_(allocate(type.bytes())) {}

Tensor::Tensor(const Type& type, std::shared_ptr<std::byte> memory)
    : type_(type), memory_(std::move(memory)) {}

Tensor Tensor::scalar(double value, DType dtype) {
  Tensor tensor(dtype, Shape{});
  tensor.set(0, value);
  return tensor;
}

void Tensor::require_dtype(DType dtype) const {
  if (!defined()) fail(Fault::model, "tensor: it is empty; its elements were asked for.");
  require(dtype == type_.dtype, "tensor: its elements are {}, they were asked for as {}.", name(type_.dtype),
          name(dtype));
}

double Tensor::at(std::int64_t index) const {
  // Not require(): this runs per element, and its arguments would be formatted every time.
  if (index < 0 || index >= size())
    fail(Fault::model, "tensor {}: there is no element {}.", type_.str(), index);
  return dispatch_stored(type_.dtype, [&](auto zero) {
    return convert<double>(values<decltype(zero)>()[static_cast<std::size_t>(index)]);
  });
}

void Tensor::set(std::int64_t index, double value) const {
  if (index < 0 || index >= size())
    fail(Fault::model, "tensor {}: there is no element {}.", type_.str(), index);
  dispatch_stored(type_.dtype, [&](auto zero) {
    using T = decltype(zero);
    values<T>()[static_cast<std::size_t>(index)] = convert<T>(value);
  });
}

void Tensor::fill(double value) const {
  dispatch_stored(type_.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (T& element : values<T>()) element = convert<T>(value);
  });
}

Tensor Tensor::clone() const {
  if (!defined()) return {};
  Tensor copy(type_);
  copy.copy_from(*this);
  return copy;
}

Tensor Tensor::cast(DType dtype) const {
  Tensor result(dtype, shape());
  dispatch_stored(type_.dtype, [&](auto from) {
    const auto source = values<decltype(from)>();
    dispatch_stored(dtype, [&](auto to) {
      using To = decltype(to);
      const auto target = result.values<To>();
      for (std::size_t i = 0; i < source.size(); ++i) target[i] = convert<To>(source[i]);
    });
  });
  return result;
}

Tensor Tensor::reshaped(const Shape& shape) const {
  if (shape.size() != size()) {
    fail(Fault::model, "reshape: {} has {} elements, {} has {}.", type_.shape.str(), size(), shape.str(),
         shape.size());
  }
  return Tensor(Type{type_.dtype, shape}, memory_);
}

Tensor Tensor::rows(std::int64_t begin, std::int64_t end) const {
  if (type_.shape.rank() == 0 || begin < 0 || begin > end || end > type_.shape[0])
    fail(Fault::model, "rows: there are no rows {} to {} in {}.", begin, end, type_.shape.str());
  const Type type{type_.dtype, type_.shape.with(0, end - begin)};
  const std::size_t row = end > begin ? type.bytes() / static_cast<std::size_t>(end - begin) : 0;
  return Tensor(type, {memory_, data() + static_cast<std::size_t>(begin) * row});
}

void Tensor::copy_from(const Tensor& source) const {
  if (!(source.type() == type_))
    fail(Fault::model, "copy: a {} was needed, a {} was given.", type_.str(), source.type().str());
  if (byte_size() == 0) return;
  if (!defined() || !source.defined()) fail(Fault::model, "copy: one of the two tensors is empty.");
  if (data() != source.data()) std::memmove(data(), source.data(), byte_size());
}

bool Tensor::same_bits(const Tensor& other) const {
  if (!defined() || !other.defined()) return defined() == other.defined();
  return type_ == other.type_ && (byte_size() == 0 || std::memcmp(data(), other.data(), byte_size()) == 0);
}

}  // namespace gradus
