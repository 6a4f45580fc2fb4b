// The convolutions on oneDNN. Images stay in the memory they come in; weights, which are small, are brought
// into the form the chosen code wants, and its gradient back, by way of scratch memory in every call.
#include "ops/support/conv.h"

#include "base/buffer.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/onednn/engine.h"
#include "ops/defs.h"

namespace gradus {

namespace {

using dnnl::memory;

struct Descriptions {
  memory::desc x, weight, y;
  memory::desc any_weight;          // in the form the code likes best
  memory::desc any_forward_weight;  // the same as the forward convolution reads it
  memory::dims stride, dilation, pad_before, pad_after;

  Descriptions(const Conv2dSizes& s, DType images, DType weights) {
    const auto of_images = onednn::element(images), of_weights = onednn::element(weights);
    const auto image = s.channels_last ? memory::format_tag::nhwc : memory::format_tag::nchw;
    x = {{s.n, s.c, s.rows.x, s.columns.x}, of_images, image};
    y = {{s.n, s.o, s.rows.y, s.columns.y}, of_images, image};
    const bool grouped = s.groups > 1;
    memory::dims dims = {s.group_o(), s.group_c(), s.rows.kernel, s.columns.kernel};
    if (grouped) dims.insert(dims.begin(), s.groups);
    weight = {dims, of_weights, grouped ? memory::format_tag::goihw : memory::format_tag::oihw};
    any_weight = {dims, of_weights, memory::format_tag::any};
    any_forward_weight = {dims, of_images, memory::format_tag::any};
    for (const auto* axis : {&s.rows, &s.columns}) {
      stride.push_back(axis->stride);
      dilation.push_back(axis->dilation - 1);
      pad_before.push_back(axis->pad);
      pad_after.push_back(axis->pad_after);
    }
  }
};

constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;

dnnl::convolution_forward::primitive_desc forward(const Descriptions& d) {
  return {{dnnl::prop_kind::forward_training, kAlgorithm, d.x, d.any_forward_weight, d.y, d.stride,
           d.dilation, d.pad_before, d.pad_after},
          onednn::attributes(),
          onednn::engine()};
}

// A convolution with its weight in the form its code wants, and the way from or to the plain form.
struct Plan {
  struct Operand {
    int name;  // oneDNN's
    memory::desc desc;
  };
  dnnl::primitive convolution, reordering;
  std::array<Operand, 3> operands;  // those of the node: two inputs and the result
  std::size_t weight;               // which of them
  memory::desc plain_weight, scratch, reordering_scratch;
  bool is_plain;  // what oneDNN has for it

  template <class PrimitiveDesc>
  Plan(const PrimitiveDesc& chosen, dnnl::primitive made, std::array<Operand, 3> of_node, std::size_t which,
       const memory::desc& plain)
      : convolution(std::move(made)),
        operands(std::move(of_node)),
        weight(which),
        plain_weight(plain),
        scratch(chosen.scratchpad_desc()),
        is_plain(onednn::is_plain(chosen)) {
    if (!reorders()) return;
    const memory::desc& wanted = operands[weight].desc;
    const dnnl::reorder::primitive_desc way(onednn::engine(), is_result() ? wanted : plain, onednn::engine(),
                                            is_result() ? plain : wanted, onednn::attributes());
    reordering = dnnl::reorder(way);
    reordering_scratch = way.scratchpad_desc();
  }

  bool is_result() const { return weight == 2; }
  bool reorders() const { return operands[weight].desc != plain_weight; }
  // Where the scratch memory of the primitives begins: behind the weight. They take turns in it.
  std::size_t scratch_at() const { return reorders() ? align_up(operands[weight].desc.get_size()) : 0; }
  std::size_t bytes() const {
    return scratch_at() + std::max(scratch.get_size(), reordering_scratch.get_size());
  }

  std::unique_ptr<Launch> bind(const Bindings& b) const {
    std::array<std::byte*, 3> data = {b.in[0].data(), b.in[1].data(), b.out[0].data()};
    std::byte* const plain = std::exchange(data[weight], reorders() ? b.scratch : data[weight]);
    onednn::Arguments of_convolution, of_reordering;
    for (std::size_t i = 0; i < operands.size(); ++i)
      of_convolution.emplace(operands[i].name, onednn::view(operands[i].desc, data[i]));
    const auto add_scratch = [&](onednn::Arguments& arguments, const memory::desc& desc) {
      if (desc.get_size() > 0)
        arguments.emplace(DNNL_ARG_SCRATCHPAD, onednn::view(desc, b.scratch + scratch_at()));
    };
    add_scratch(of_convolution, scratch);
    if (!reorders()) return std::make_unique<onednn::PrimitiveLaunch>(convolution, of_convolution);
    of_reordering = {{is_result() ? DNNL_ARG_TO : DNNL_ARG_FROM, onednn::view(plain_weight, plain)},
                     {is_result() ? DNNL_ARG_FROM : DNNL_ARG_TO, of_convolution.at(operands[weight].name)}};
    add_scratch(of_reordering, reordering_scratch);
    auto launch = std::make_unique<onednn::PrimitiveLaunch>(is_result() ? convolution : reordering,
                                                            is_result() ? of_convolution : of_reordering);
    launch->then(is_result() ? reordering : convolution, is_result() ? of_reordering : of_convolution);
    return launch;
  }
};

Plan plan_conv2d(const Descriptions& d) {
  const auto chosen = forward(d);
  return {chosen,
          dnnl::convolution_forward(chosen),
          {{{DNNL_ARG_SRC, d.x}, {DNNL_ARG_WEIGHTS, chosen.weights_desc()}, {DNNL_ARG_DST, d.y}}},
          1,
          d.weight};
}

Plan plan_conv_transpose2d(const Descriptions& d) {
  const dnnl::convolution_backward_data::primitive_desc chosen(
      {kAlgorithm, d.x, d.any_weight, d.y, d.stride, d.dilation, d.pad_before, d.pad_after},
      onednn::attributes(), onednn::engine(), forward(d));
  return {chosen,
          dnnl::convolution_backward_data(chosen),
          {{{DNNL_ARG_DIFF_DST, d.y}, {DNNL_ARG_WEIGHTS, chosen.weights_desc()}, {DNNL_ARG_DIFF_SRC, d.x}}},
          1,
          d.weight};
}

Plan plan_conv2d_weight_grad(const Descriptions& d) {
  const dnnl::convolution_backward_weights::primitive_desc chosen(
      {kAlgorithm, d.x, d.any_weight, d.y, d.stride, d.dilation, d.pad_before, d.pad_after},
      onednn::attributes(), onednn::engine(), forward(d));
  return {
      chosen,
      dnnl::convolution_backward_weights(chosen),
      {{{DNNL_ARG_SRC, d.x}, {DNNL_ARG_DIFF_DST, d.y}, {DNNL_ARG_DIFF_WEIGHTS, chosen.diff_weights_desc()}}},
      2,
      d.weight};
}

using Sizes = Conv2dSizes (*)(const Conv2dOptions&, const Shape&, const Shape&);

template <Sizes sizes_of, Plan (*plan_of)(const Descriptions&)>
KernelChoice prepare(const KernelRequest& request, bool bf16) {
  const Node& node = request.node;
  const DType images = node.in[0].dtype();
  if (!onednn::takes(images, bf16)) return "no code for " + std::string(name(images));
  const Conv2dSizes sizes = sizes_of(node.attr<Conv2dOptions>(), node.in[0].shape(), node.in[1].shape());
  for (const Shape& shape : {sizes.x(), sizes.weight(), sizes.y()}) {
    if (shape.size() == 0) return std::string("there are no elements");
  }
  const Plan plan =
      plan_of(Descriptions(sizes, images, node.op == &conv2d_weight_grad_op ? node.out[0].dtype : images));
  if (plan.is_plain) return std::string("oneDNN has plain code only");
  return make_kernel([plan](const Bindings& bindings) { return plan.bind(bindings); }, plan.bytes());
}

}  // namespace

void add_onednn_conv(KernelSet& kernels, bool bf16) {
  const auto add = [&](const OpDef& op, auto prepare_op) {
    kernels.add(op, {"onednn." + op.name, [=](const KernelRequest& request) {
                       return onednn::guarded([&] { return prepare_op(request, bf16); });
                     }});
  };
  add(conv2d_op, prepare<conv2d_sizes, plan_conv2d>);
  add(conv_transpose2d_op, prepare<conv_transpose2d_sizes, plan_conv_transpose2d>);
  add(conv2d_weight_grad_op, prepare<conv2d_weight_grad_sizes, plan_conv2d_weight_grad>);
}

}  // namespace gradus
