// transpose, slice, pad and concat as copies with steps.
#include <algorithm>

#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "kernels/simd/strided_copy.h"
#include "ops/defs.h"
#include "ops/support/loops.h"
#include "ops/support/transpose.h"

namespace gradus {

namespace {

using simd::CopyAxis;
using simd::StridedCopy;

std::int64_t bytes_of(const Type& type) { return static_cast<std::int64_t>(size_of(type.dtype)); }

// Dense steps in bytes.
std::vector<std::int64_t> steps_of(const Type& type) {
  const Strides strides = dense_strides(type.shape);
  std::vector<std::int64_t> steps;
  for (std::size_t i = 0; i < static_cast<std::size_t>(type.shape.rank()); ++i)
    steps.push_back(strides[i] * bytes_of(type));
  return steps;
}

// A copy of all of the node's one input, or to all of its one output, that starts at an offset there.
std::shared_ptr<const Kernel> copy_kernel(StridedCopy copy, std::int64_t from_offset, int threads) {
  return make_kernel([=](const Bindings& b) {
    return make_launch(
        [=, x = b.in[0], y = b.out[0]] { copy.run(x.data() + from_offset, y.data(), threads); });
  });
}

KernelChoice prepare_transpose(const KernelRequest& r) {
  const Type &x = r.node.in[0].type(), &y = r.node.out[0];
  const auto& order = r.node.attr<TransposeOptions>().axes;
  const std::vector<std::int64_t> from = steps_of(x), to = steps_of(y);
  std::vector<CopyAxis> axes;
  for (std::size_t i = 0; i < order.size(); ++i) {
    axes.push_back({y.shape[static_cast<int>(i)], from[static_cast<std::size_t>(order[i])], to[i]});
  }
  return copy_kernel({axes, size_of(x.dtype)}, 0, r.threads);
}

KernelChoice prepare_slice(const KernelRequest& r) {
  const Type &x = r.node.in[0].type(), &y = r.node.out[0];
  const auto& op = r.node.attr<SliceOptions>();
  const std::vector<std::int64_t> from = steps_of(x), to = steps_of(y);
  std::vector<CopyAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    axes.push_back({y.shape[static_cast<int>(i)], from[i] * op.step[i], to[i]});
    first += op.begin[i] * from[i];
  }
  return copy_kernel({axes, size_of(x.dtype)}, y.shape.size() == 0 ? 0 : first, r.threads);
}

KernelChoice prepare_pad(const KernelRequest& r) {
  const Type &x = r.node.in[0].type(), &y = r.node.out[0];
  const auto& op = r.node.attr<PadOptions>();
  const std::vector<std::int64_t> from = steps_of(x), to = steps_of(y);
  std::vector<CopyAxis> axes;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    axes.push_back({x.shape[static_cast<int>(i)], from[i], to[i] * (op.between[i] + 1)});
    first += op.before[i] * to[i];
  }
  if (x.shape.size() == 0) first = 0;
  return make_kernel([=, copy = StridedCopy(axes, size_of(x.dtype)), value = op.value,
                      threads = r.threads](const Bindings& b) {
    return make_launch([=, x = b.in[0], y = b.out[0]] {
      y.fill(value);
      copy.run(x.data(), y.data() + first, threads);
    });
  });
}

KernelChoice prepare_concat(const KernelRequest& r) {
  const Type& y = r.node.out[0];
  const auto axis = static_cast<std::size_t>(y.shape.axis(static_cast<int>(r.node.attr<AxisOptions>().axis)));
  const std::vector<std::int64_t> to = steps_of(y);
  std::vector<StridedCopy> copies;
  std::vector<std::int64_t> offsets = {0};
  for (const Value& part : r.node.in) {
    const std::vector<std::int64_t> from = steps_of(part.type());
    std::vector<CopyAxis> axes;
    for (std::size_t i = 0; i < from.size(); ++i)
      axes.push_back({part.shape()[static_cast<int>(i)], from[i], to[i]});
    copies.emplace_back(axes, size_of(y.dtype));
    offsets.push_back(offsets.back() + part.shape()[static_cast<int>(axis)] * to[axis]);
  }
  return make_kernel([=, threads = r.threads](const Bindings& b) {
    return make_launch([=, parts = b.in, whole = b.out[0]] {
      for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].size() > 0) copies[i].run(parts[i].data(), whole.data() + offsets[i], threads);
      }
    });
  });
}

}  // namespace

void add_movement_kernels(KernelSet& kernels) {
  kernels.add(transpose_op, {"fast.transpose", prepare_transpose});
  kernels.add(slice_op, {"fast.slice", prepare_slice});
  kernels.add(pad_op, {"fast.pad", prepare_pad});
  kernels.add(concat_op, {"fast.concat", prepare_concat});
}

}  // namespace gradus
