#include "compiler/rows.h"

#include <algorithm>

namespace gradus {

Type rows_of(const Type& type, std::int64_t rows) { return {type.dtype, type.shape.with(0, rows)}; }

std::optional<OnRows> on_rows(const OpDef& op, const Attrs& attrs, std::span<const Type> in,
                              const std::vector<bool>& may_cut, std::int64_t rows) {
  if (op.on_rows) return op.on_rows(attrs, in, may_cut, rows);
  if (op.kind != OpDef::elementwise || std::find(may_cut.begin(), may_cut.end(), true) == may_cut.end())
    return std::nullopt;
  // The rows of an input of lower rank would be along another axis of the result.
  const int rank = op.infer(attrs, in)[0].shape.rank();
  for (std::size_t i = 0; i < in.size(); ++i)
    if (may_cut[i] && in[i].shape.rank() != rank) return std::nullopt;
  return OnRows{attrs, may_cut, {true}};
}

}  // namespace gradus
