// The table of converters.
#include <algorithm>
#include <iterator>
#include <tuple>

#include "io/onnx/convert/families.h"

namespace gradus::io::onnx {
namespace {

bool before(const Converter& a, const Converter& b) {
  return std::tie(a.domain, a.op) < std::tie(b.domain, b.op);
}

std::vector<Converter> sorted_table() {
  std::vector<Converter> all;
  for (const auto family :
       {activation_ops, arithmetic_ops, control_ops, conv_ops,        einsum_ops, index_ops,
        loss_ops,       matrix_ops,     norm_ops,    optimizer_ops,   pool_ops,   quantize_ops,
        recurrent_ops,  reduce_ops,     resize_ops,  sample_ops,      search_ops, shape_ops,
        signal_ops,     slice_ops,      source_ops,  trigonometry_ops}) {
    const std::vector<Converter> ops = family();
    all.insert(all.end(), ops.begin(), ops.end());
  }
  std::sort(all.begin(), all.end(), before);
  return all;
}

const std::vector<Converter>& table() {
  static const std::vector<Converter> all = sorted_table();
  return all;
}

}  // namespace

const Converter* find_converter(std::string_view op, std::string_view domain) {
  const Converter wanted{op, nullptr, domain};
  const auto found = std::lower_bound(table().begin(), table().end(), wanted, before);
  return found != table().end() && !before(wanted, *found) ? &*found : nullptr;
}

std::vector<const Converter*> all_converters() {
  std::vector<const Converter*> all;
  for (const Converter& converter : table()) all.push_back(&converter);
  return all;
}

}  // namespace gradus::io::onnx
