// A sample of an op as a small graph with inputs drawn for it: what the tests of the op table share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"

namespace gradus {

// An op and the number of one of its samples.
struct OpSample {
  const OpDef* op;
  std::size_t number;

  Sample sample() const { return op->samples()[number]; }
  // "relu_3": what test programs call it.
  std::string name() const { return fmt::format("{}_{}", op->name, number); }
};

inline std::vector<OpSample> all_samples() {
  std::vector<OpSample> list;
  for (const OpDef* op : builtin_ops()) {
    const std::size_t n = op->samples ? op->samples().size() : 0;
    for (std::size_t i = 0; i < n; ++i) list.push_back({op, i});
  }
  return list;
}

// Element i of a sample's input. Real numbers are representable in f32, so both precisions see the same ones.
inline Tensor draw(const SampleInput& in, DType real, std::size_t number) {
  const RandomSequence random(7, stream::kCheck, 1000 + number);
  const DType dtype = in.kind == SampleInput::real      ? real
                      : in.kind == SampleInput::boolean ? DType::boolean
                                                        : DType::i64;
  Tensor tensor(dtype, in.shape);
  for (std::int64_t i = 0; i < tensor.size(); ++i) {
    const double u = random.uniform(static_cast<std::uint64_t>(i));
    if (in.kind == SampleInput::boolean)
      tensor.set(i, u < 0.5 ? 0 : 1);
    else if (in.kind == SampleInput::index)
      tensor.set(i, static_cast<double>(random.below(static_cast<std::uint64_t>(i),
                                                     static_cast<std::uint64_t>(in.high - in.low))) +
                        in.low);
    else
      tensor.set(i, static_cast<double>(static_cast<float>(in.low + (in.high - in.low) * u)));
  }
  return tensor;
}

// The sample as inputs, one node, and tensors to feed. `op` may be a changed copy of the sample's op.
struct SampleGraph {
  Graph graph;
  Values xs;    // the inputs
  Values real;  // those of them with gradients
  Values ys;    // the outputs of the node
  std::vector<Tensor> tensors;

  SampleGraph(const OpDef& op, const Sample& sample, DType real_dtype) {
    for (std::size_t i = 0; i < sample.in.size(); ++i) {
      tensors.push_back(draw(sample.in[i], real_dtype, i));
      xs.push_back(input(graph, tensors[i].type(), fmt::format("x{}", i)));
      if (is_float(xs[i].dtype())) real.push_back(xs[i]);
    }
    ys = graph.add_all(op, sample.attrs, xs);
  }

  // The outputs with gradients, if there are several in one row; all of them must be of one type.
  Value y() const {
    if (ys.size() == 1) return ys[0];
    Values rows;
    for (const Value& value : ys) {
      if (is_float(value.dtype())) rows.push_back(reshape(value, {value.shape().size()}));
    }
    return concat(rows, {.axis = 0});
  }

  // Whether gradients can be checked: integers have none, and a result rounded to f32 has no differences
  // worth looking at.
  bool has_gradients() const {
    const bool narrow =
        std::any_of(ys.begin(), ys.end(), [](const Value& v) { return v.dtype() == DType::f32; });
    const bool any = std::any_of(ys.begin(), ys.end(), [](const Value& v) { return is_float(v.dtype()); });
    return ys[0].node().op->vjp && any && !narrow && !real.empty();
  }
};

}  // namespace gradus
