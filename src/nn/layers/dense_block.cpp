// dense_block: layers that see all, or share, what was made before them.
#include "base/check.h"
#include "nn/join.h"

namespace gradus::nn {

namespace {

// H: [in, H, W] -> [out, H, W].
LayerPtr make_function(std::int64_t in, std::int64_t out, const DenseBlockOptions& o) {
  std::vector<LayerPtr> chain;
  const auto convolve = [&](std::int64_t from, std::int64_t to, std::int64_t kernel) {
    chain.push_back(std::make_shared<BatchNorm>(BatchNormLayerOptions{.channels = from, .dtype = o.dtype}));
    chain.push_back(std::make_shared<Relu>());
    chain.push_back(std::make_shared<Conv2d>(Conv2dLayerOptions{.in = from,
                                                                .out = to,
                                                                .kernel = {kernel},
                                                                .padding = {.same = true},
                                                                .bias = false,
                                                                .init = o.init,
                                                                .dtype = o.dtype,
                                                                .seed = {}}));
  };
  if (o.bottleneck) convolve(in, 4 * out, 1);
  convolve(o.bottleneck ? 4 * out : in, out, 3);
  if (o.dropout > 0) chain.push_back(std::make_shared<Dropout>(DropoutOptions{o.dropout}));
  return std::make_shared<Sequential>(std::move(chain), std::nullopt);
}

std::vector<LayerPtr> make_functions(const DenseBlockOptions& o) {
  require(o.in >= 1 && o.layers >= 1 && o.growth >= 1,
          "dense_block: channels, layers and growth must be at least 1, got {}, {} and {}.", o.in, o.layers,
          o.growth);
  require(o.join != Join::add,
          "dense_block: it joins by concatenate, product or branch; for sums take residual.");
  std::vector<LayerPtr> functions;
  for (std::int64_t i = 0; i < o.layers; ++i) {
    const std::int64_t seen = o.join == Join::concatenate ? o.in + i * o.growth : o.in;
    functions.push_back(make_function(seen, o.join == Join::product ? o.in : o.growth, o));
  }
  return functions;
}

}  // namespace

DenseBlock::DenseBlock(const DenseBlockOptions& options) : Layer("dense_block"), join_(options.join) {
  adopt_chain(make_functions(options));
  place("");
  if (options.seed) initialize(*options.seed);
}

Value DenseBlock::build(const Value& x, const Pass& pass) const {
  if (join_ == Join::branch) {
    Values parts = {x};
    for (const LayerPtr& h : children()) parts.push_back((*h)(x, pass));
    return concat(parts, {.axis = 1});
  }
  Value y = x;
  for (const LayerPtr& h : children()) y = joined({y, (*h)(y, pass)}, join_, title());
  return y;
}

OnnxValue DenseBlock::onnx(OnnxWriter& to, const OnnxValue& x) const {
  if (join_ == Join::branch) {
    std::vector<OnnxValue> parts = {x};
    for (const LayerPtr& h : children()) parts.push_back(h->write_onnx(to, x));
    return onnx_joined(to, parts, Join::concatenate);
  }
  OnnxValue y = x;
  for (const LayerPtr& h : children()) y = onnx_joined(to, {y, h->write_onnx(to, y)}, join_);
  return y;
}

extern const LayerDef dense_block_layer = {
    .kind = "dense_block",
    .doc = "layers H = batch_norm, relu, conv2d 3x3, joined with what was before them",
    .options =
        {{.name = "layers", .type = OptionDef::Type::integer, .doc = "how many H", .low = 1, .high = 10000},
         {.name = "growth",
          .type = OptionDef::Type::integer,
          .doc = "channels of each H(x); product keeps those of x",
          .preset = std::int64_t{12},
          .low = 1,
          .high = kMaxUnits},
         join_option("concatenate: x <- [x, H(x)]; product: x <- x H(x); branch: [x, H1(x), ..., Hn(x)]",
                     check_dense_join),
         {.name = "bottleneck",
          .type = OptionDef::Type::flag,
          .doc = "batch_norm, relu and a 1x1 convolution to 4 times the channels before each 3x3",
          .preset = false},
         {.name = "dropout",
          .type = OptionDef::Type::number,
          .doc = "rate of the dropout behind each H",
          .preset = 0.0,
          .low = 0,
          .high = 1},
         init_option()},
    .main = "layers",
    .make = [](const LayerOptions& options, const Shape& input, const Making& making) -> LayerPtr {
      require_channels_first(input, 3);
      return std::make_shared<DenseBlock>(DenseBlockOptions{.in = input[0],
                                                            .layers = options.integer("layers"),
                                                            .growth = options.integer("growth"),
                                                            .join = join_of(options),
                                                            .bottleneck = options.flag("bottleneck"),
                                                            .dropout = options.number("dropout"),
                                                            .init = options.init(),
                                                            .dtype = making.dtype,
                                                            .seed = {}});
    }};

}  // namespace gradus::nn
