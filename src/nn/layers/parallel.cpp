// parallel: layers that read the same x, their results joined.
#include "base/check.h"
#include "nn/join.h"

namespace gradus::nn {

Parallel::Parallel(const ParallelOptions& options) : Layer("parallel"), join_(options.join) {
  require(!options.branches.empty(), "parallel: it needs at least one branch.");
  require(join_ != Join::branch, "parallel: it joins by concatenate, add or product.");
  for (const LayerPtr& branch : options.branches) adopt_chain({branch});
  place("");
  if (options.seed) initialize(*options.seed);
}

Value Parallel::build(const Value& x, const Pass& pass) const {
  Values parts;
  for (const LayerPtr& branch : children()) parts.push_back((*branch)(x, pass));
  return joined(parts, join_, title());
}

OnnxValue Parallel::onnx(OnnxWriter& to, const OnnxValue& x) const {
  std::vector<OnnxValue> parts;
  for (const LayerPtr& branch : children()) parts.push_back(branch->write_onnx(to, x));
  return onnx_joined(to, parts, join_);
}

extern const LayerDef parallel_layer = {
    .kind = "parallel",
    .doc = "branches that read the same input, their results joined",
    .options = {{.name = "branches",
                 .type = OptionDef::Type::layers,
                 .doc = "a list of layers, each a branch; a list inside it is a branch of several"},
                join_option("concatenate (along the channels), add or product", check_parallel_join)},
    .main = "branches",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      std::vector<LayerPtr> branches;
      for (const LayerSpec& branch : options.layers("branches"))
        branches.push_back(make_chain({branch}, input, making, branches.size()).layers[0]);
      return std::make_shared<Parallel>(
          ParallelOptions{.branches = std::move(branches), .join = join_of(options), .seed = {}});
    }};

}  // namespace gradus::nn
