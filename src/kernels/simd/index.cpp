// Kernels that make or take indices: one_hot, argmax, gather, scatter_add.
#include <algorithm>
#include <cstring>

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

// body(number of the index, index) for each of an i32 or i64 tensor.
template <class Body>
void each_index(const Tensor& indices, std::int64_t bound, std::string_view op, Body&& body) {
  const auto all = [&](auto list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const auto index = static_cast<std::int64_t>(list[i]);
      require_index(index, static_cast<std::int64_t>(i), bound, op, "rows");
      body(i, static_cast<std::size_t>(index));
    }
  };
  if (indices.dtype() == DType::i32)
    all(indices.values<const std::int32_t>());
  else
    all(indices.values<const std::int64_t>());
}

KernelChoice prepare_gather(const KernelRequest& request) {
  const Type& type = request.node.in[0].type();
  const std::int64_t count = type.shape[0];
  const std::size_t bytes = size_of(type.dtype) * static_cast<std::size_t>(type.shape.without(0).size());
  return make_kernel([=](const Bindings& b) {
    return make_launch([=, x = b.in[0], rows = b.in[1], y = b.out[0]] {
      each_index(rows, count, "gather", [&](std::size_t i, std::size_t row) {
        if (bytes > 0) std::memcpy(y.data() + i * bytes, x.data() + row * bytes, bytes);
      });
    });
  });
}

KernelChoice prepare_scatter_add(const KernelRequest& request) {
  const Type& type = request.node.out[0];
  if (!is_float(type.dtype)) return "no code for " + std::string(name(type.dtype));
  const auto length = static_cast<std::size_t>(type.shape.without(0).size());
  return make_kernel([=, count = type.shape[0], dtype = type.dtype](const Bindings& b) {
    return make_launch([=, x = b.in[0], rows = b.in[1], y = b.out[0]] {
      dispatch_float(dtype, [&](auto zero) {
        using T = decltype(zero);
        const T* from = x.values<const T>().data();
        T* to = y.values<T>().data();
        std::fill_n(to, y.size(), T(0));
        each_index(rows, count, "scatter_add", [&](std::size_t i, std::size_t row) {
          for (std::size_t k = 0; k < length; ++k) to[row * length + k] += from[i * length + k];
        });
      });
    });
  });
}

}  // namespace

void add_index_kernels(KernelSet& kernels) {
  kernels.add(one_hot_op, {"fast.one_hot", prepare_one_hot});
  kernels.add(argmax_op, {"fast.argmax", prepare_argmax});
  kernels.add(gather_op, {"fast.gather", prepare_gather});
  kernels.add(scatter_add_op, {"fast.scatter_add", prepare_scatter_add});
}

}  // namespace gradus
