// Layers as people write them.
#include <algorithm>

#include "io/onnx/import/walk.h"
#include "nn/layer_def.h"

namespace gradus::io::onnx {
namespace {

using Layers = std::vector<nn::LayerSpec>;
using Integers = std::vector<std::int64_t>;

template <class T>
const T* option(const nn::LayerSpec& spec, std::string_view name) {
  for (const nn::OptionSpec& one : spec.options)
    if (one.name == name) return std::get_if<T>(&one.value);
  return nullptr;
}

// H of a dense_block: what its options say.
struct Function {
  std::int64_t growth = 0;
  bool bottleneck = false;
  double dropout = 0;
  bool operator==(const Function&) const = default;
};

// batch_norm, relu and a convolution without bias that keeps the size: its filters; 0 for anything else.
std::int64_t filters_of(const Layers& layers, std::size_t first, std::int64_t kernel) {
  if (first + 3 > layers.size()) return 0;
  const nn::LayerSpec& conv = layers[first + 2];
  const nn::LayerSpec norm{.kind = "batch_norm"}, relu{.kind = "relu"};
  if (!(layers[first] == norm) || !(layers[first + 1] == relu) || conv.kind != "conv2d") return 0;
  const auto* filters = option<std::int64_t>(conv, "filters");
  nn::LayerSpec wanted{.kind = "conv2d",
                       .options = {{.name = "filters", .value = filters ? *filters : 0},
                                   {.name = "kernel", .value = Integers{kernel}}}};
  if (kernel == 3) wanted.options.push_back({.name = "padding", .value = Integers{1}});
  wanted.options.push_back({.name = "bias", .value = false});
  return conv == wanted && filters ? *filters : 0;
}

std::optional<Function> function_of(const nn::LayerSpec& branch) {
  const Layers* layers = branch.kind == "sequential" ? option<Layers>(branch, "layers") : nullptr;
  if (layers == nullptr) return {};
  Function h;
  std::size_t next = 0;
  const std::int64_t inner = filters_of(*layers, 0, 1);
  if (inner > 0) h.bottleneck = true, next = 3;
  h.growth = filters_of(*layers, next, 3);
  next += 3;
  if (h.growth == 0 || (h.bottleneck && inner != 4 * h.growth)) return {};
  if (next < layers->size() && (*layers)[next].kind == "dropout") {
    const auto* rate = option<double>((*layers)[next], "rate");
    h.dropout = rate ? *rate : 0.5;
    ++next;
  }
  return next == layers->size() ? std::optional(h) : std::nullopt;
}

nn::LayerSpec dense_block(const Function& h, std::int64_t layers, const std::string& join) {
  nn::LayerSpec spec{.kind = "dense_block",
                     .options = {{.name = "layers", .value = layers}, {.name = "growth", .value = h.growth}}};
  if (join != "concatenate") spec.options.push_back({.name = "join", .value = join});
  if (h.bottleneck) spec.options.push_back({.name = "bottleneck", .value = true});
  if (h.dropout > 0) spec.options.push_back({.name = "dropout", .value = h.dropout});
  return spec;
}

// parallel = ["identity", H, ...] as a dense_block.
nn::LayerSpec with_dense_block(nn::LayerSpec spec) {
  const Layers* branches = spec.kind == "parallel" ? option<Layers>(spec, "branches") : nullptr;
  const auto* join = option<std::string>(spec, "join");
  if (branches == nullptr || join == nullptr || *join == "add") return spec;
  if (branches->size() < 2 || (*branches)[0].kind != "identity") return spec;
  const std::optional<Function> h = function_of((*branches)[1]);
  if (!h || !std::all_of(branches->begin() + 1, branches->end(),
                         [&](const nn::LayerSpec& branch) { return function_of(branch) == h; }))
    return spec;
  const auto count = static_cast<std::int64_t>(branches->size()) - 1;
  if (*join == "product") return count == 1 ? dense_block(*h, 1, "product") : spec;
  return dense_block(*h, count, count == 1 ? "concatenate" : "branch");
}

// Whether `next` goes on with the block before it; then that takes it in.
bool goes_on(nn::LayerSpec& block, const nn::LayerSpec& next) {
  if (block.kind != "dense_block" || next.kind != "dense_block") return false;
  const auto* join = option<std::string>(next, "join");
  if (join != nullptr && *join == "branch") return false;
  nn::LayerSpec same = next;
  auto& layers = std::get<std::int64_t>(same.options[0].value);
  const std::int64_t more = std::exchange(layers, std::get<std::int64_t>(block.options[0].value));
  if (!(same == block)) return false;
  std::get<std::int64_t>(block.options[0].value) += more;
  return true;
}

bool is_activation(const nn::LayerSpec& spec) {
  return spec.options.empty() && spec.kind != "identity" &&
         std::any_of(nn::layer_defs().begin(), nn::layer_defs().end(),
                     [&](const nn::LayerDef* def) { return def->kind == spec.kind && def->activation; });
}

}  // namespace

std::vector<nn::LayerSpec> tidied(std::vector<nn::LayerSpec> layers) {
  Layers result;
  for (nn::LayerSpec& one : layers) {
    nn::LayerSpec spec = with_dense_block(std::move(one));
    if (!result.empty() && goes_on(result.back(), spec)) continue;
    const bool joins = !result.empty() && result.back().kind == "residual" && is_activation(spec) &&
                       option<std::string>(result.back(), "activation") == nullptr;
    if (joins)
      result.back().options.push_back({.name = "activation", .value = spec.kind});
    else
      result.push_back(std::move(spec));
  }
  return result;
}

}  // namespace gradus::io::onnx
