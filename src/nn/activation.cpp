// What the layers that apply one op per element share.
#include "gradus/nn.h"

namespace gradus::nn {

Activation::Activation(std::string kind, Function function, std::optional<bool> rectifies)
    : Layer(std::move(kind)), function_(std::move(function)), rectifies_(rectifies) {}

Value Activation::build(const Value& x, const Pass&) const { return function_(x); }

}  // namespace gradus::nn
