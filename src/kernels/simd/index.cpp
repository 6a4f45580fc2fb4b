// Kernels that make or take class indices: one_hot, argmax.
#include <algorithm>

#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/indices.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

template <class Label, class T>
void one_hot_rows(const Tensor& labels, const Tensor& rows, std::int64_t classes) {
  const auto from = labels.values<const Label>();
  T* to = rows.values<T>().data();
  std::fill_n(to, rows.size(), T(0));
  for (std::size_t i = 0; i < from.size(); ++i, to += classes) {
    const auto label = static_cast<std::int64_t>(from[i]);
    require_index(label, static_cast<std::int64_t>(i), classes, "one_hot", "labels");
    to[label] = T(1);
  }
}

KernelChoice prepare_one_hot(const KernelRequest& request) {
  const std::int64_t classes = request.node.attr<OneHotOptions>().classes;
  const DType dtype = request.node.out[0].dtype;
  if (!is_float(dtype)) return "no code for " + std::string(name(dtype));
  return make_kernel([=, labels_dtype = request.node.in[0].dtype()](const Bindings& b) {
    return make_launch([=, labels = b.in[0], rows = b.out[0]] {
      dispatch_float(dtype, [&](auto zero) {
        using T = decltype(zero);
        if (labels_dtype == DType::i32)
          one_hot_rows<std::int32_t, T>(labels, rows, classes);
        else
          one_hot_rows<std::int64_t, T>(labels, rows, classes);
      });
    });
  });
}

// The first of equal winners; NaN counts as the largest.
template <class T>
void argmax_rows(const Tensor& x, const Tensor& y) {
  const std::int64_t n = x.shape()[-1];
  const T* row = x.values<const T>().data();
  for (std::int64_t& winner : y.values<std::int64_t>()) {
    winner = 0;
    for (std::int64_t i = 1; i < n; ++i) {
      if (row[winner] == row[winner] && !(row[i] <= row[winner])) winner = i;
    }
    row += n;
  }
}

KernelChoice prepare_argmax(const KernelRequest& request) {
  const Type& type = request.node.in[0].type();
  if (!is_float(type.dtype)) return "no code for " + std::string(name(type.dtype));
  if (type.shape.axis(static_cast<int>(request.node.attr<AxisOptions>().axis)) != type.shape.rank() - 1) {
    return std::string("only along the last axis");
  }
  return make_kernel([dtype = type.dtype](const Bindings& b) {
    return make_launch([=, x = b.in[0], y = b.out[0]] {
      dispatch_float(dtype, [&](auto zero) { argmax_rows<decltype(zero)>(x, y); });
    });
  });
}

}  // namespace

void add_index_kernels(KernelSet& kernels) {
  kernels.add(one_hot_op, {"fast.one_hot", prepare_one_hot});
  kernels.add(argmax_op, {"fast.argmax", prepare_argmax});
}

}  // namespace gradus
