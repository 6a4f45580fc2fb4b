#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/matmul_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "kernels/simd/matmul.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// kCount rows of y, `width` columns of one panel: y[r][j] (+)= sum over l of a[r][l] b[l][j].
// a is read with row step `am` and column step `ak`; b has `ldb` elements a row, and whole vectors of
// them may be read where kPadded.
template <class T, int kCount, bool kPadded>
HWY_INLINE void tile(const T* a, std::int64_t am, std::int64_t ak, const T* b, std::int64_t ldb,
                     std::int64_t k, T* y, std::int64_t ldy, std::size_t width, bool add) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  using V = hn::Vec<decltype(d)>;
  V low[kCount], high[kCount];
  for (int r = 0; r < kCount; ++r) low[r] = high[r] = hn::Zero(d);
  const std::size_t first = std::min(width, lanes), second = width - first;
  if (width <= lanes) {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = kPadded || first == lanes ? hn::LoadU(d, b + l * ldb) : load_tail(d, b + l * ldb, first);
      for (int r = 0; r < kCount; ++r) low[r] = hn::MulAdd(hn::Set(d, a[r * am + l * ak]), b0, low[r]);
    }
  } else if (kPadded || width == 2 * lanes) {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = hn::LoadU(d, b + l * ldb),
              b1 = hn::LoadU(d, b + l * ldb + static_cast<std::int64_t>(lanes));
      for (int r = 0; r < kCount; ++r) {
        const V x = hn::Set(d, a[r * am + l * ak]);
        low[r] = hn::MulAdd(x, b0, low[r]);
        high[r] = hn::MulAdd(x, b1, high[r]);
      }
    }
  } else {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = hn::LoadU(d, b + l * ldb);
      const V b1 = load_tail(d, b + l * ldb + static_cast<std::int64_t>(lanes), second);
      for (int r = 0; r < kCount; ++r) {
        const V x = hn::Set(d, a[r * am + l * ak]);
        low[r] = hn::MulAdd(x, b0, low[r]);
        high[r] = hn::MulAdd(x, b1, high[r]);
      }
    }
  }
  for (int r = 0; r < kCount; ++r) {
    T* row = y + r * ldy;
    if (first == lanes)
      hn::StoreU(add ? hn::Add(low[r], hn::LoadU(d, row)) : low[r], d, row);
    else
      store_tail(d, add ? hn::Add(low[r], load_tail(d, row, first)) : low[r], row, first);
    if (second == lanes)
      hn::StoreU(add ? hn::Add(high[r], hn::LoadU(d, row + lanes)) : high[r], d, row + lanes);
    else if (second > 0)
      store_tail(d, add ? hn::Add(high[r], load_tail(d, row + lanes, second)) : high[r], row + lanes, second);
  }
}

// Tiles of kTileRows rows, `next` elements of a apart, and what is left below them.
template <class T, bool kPadded>
void column_of_tiles(const T* a, std::int64_t am, std::int64_t ak, std::int64_t next, const T* b,
                     std::int64_t ldb, std::int64_t k, T* y, std::int64_t ldy, std::int64_t rows,
                     std::size_t width, bool add) {
  std::int64_t i = 0;
  for (; i + kTileRows <= rows; i += kTileRows, a += next, y += kTileRows * ldy) {
    tile<T, kTileRows, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
  }
  switch (rows - i) {
    case 1:
      return tile<T, 1, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
    case 2:
      return tile<T, 2, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
    case 3:
      return tile<T, 3, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
    case 4:
      return tile<T, 4, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
    case 5:
      return tile<T, 5, kPadded>(a, am, ak, b, ldb, k, y, ldy, width, add);
    default:
      return;
  }
}

template <class T>
std::int64_t panel_width() {
  return 2 * static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

#if HWY_TARGET != HWY_SCALAR
// to[l * step + c] = from[c * stride + l] for four c and `n` l: 4 x 4 blocks turned over in registers.
HWY_INLINE void transpose_four(const float* from, std::int64_t stride, std::int64_t n, float* to,
                               std::int64_t step) {
  const hn::FixedTag<float, 4> d;
  const hn::FixedTag<double, 2> pairs;
  const auto wide = [&](auto v) { return hn::BitCast(pairs, v); };
  std::int64_t l = 0;
  for (; l + 4 <= n; l += 4) {
    const auto r0 = hn::LoadU(d, from + l), r1 = hn::LoadU(d, from + stride + l);
    const auto r2 = hn::LoadU(d, from + 2 * stride + l), r3 = hn::LoadU(d, from + 3 * stride + l);
    const auto a = wide(hn::InterleaveLower(d, r0, r1)), b = wide(hn::InterleaveLower(d, r2, r3));
    const auto c = wide(hn::InterleaveUpper(d, r0, r1)), e = wide(hn::InterleaveUpper(d, r2, r3));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)), d, to + l * step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a, b)), d, to + (l + 1) * step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, c, e)), d, to + (l + 2) * step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, c, e)), d, to + (l + 3) * step);
  }
  for (; l < n; ++l) {
    for (std::int64_t c = 0; c < 4; ++c) to[l * step + c] = from[c * stride + l];
  }
}

#endif

template <class T>
void pack_b(const Product& p, const void* from, Columns of_b, Depth depth, void* to) {
  const auto [column, columns] = of_b;
  const std::int64_t width = panel_width<T>(), k = depth.to - depth.from;
  const auto* b = static_cast<const T*>(from);
  auto* packed = static_cast<T*>(to);
  if (columns < width) std::fill_n(packed, width * k, T(0));
  if (p.transpose_b) {
    const T* x = b + column * p.k + depth.from;
    std::int64_t c = 0;
#if HWY_TARGET != HWY_SCALAR
    if constexpr (std::is_same_v<T, float>) {
      for (; c + 4 <= columns; c += 4) transpose_four(x + c * p.k, p.k, k, packed + c, width);
    }
#endif
    for (; c < columns; ++c) {
      for (std::int64_t l = 0; l < k; ++l) packed[l * width + c] = x[c * p.k + l];
    }
  } else {
    for (std::int64_t l = 0; l < k; ++l)
      std::copy_n(b + (depth.from + l) * p.n + column, columns, packed + l * width);
  }
}

template <class T>
void pack_a(const Product& p, const void* from, std::int64_t first, std::int64_t last, void* to) {
  const auto* a = static_cast<const T*>(from);
  for (std::int64_t t = first; t < last; ++t) {
    auto* packed = static_cast<T*>(to) + t * p.k * kTileRows;
    const std::int64_t rows = std::min(kTileRows, p.m - t * kTileRows);
    const T* x = a + t * kTileRows;
    if (rows == kTileRows) {
      for (std::int64_t l = 0; l < p.k; ++l) {
        for (std::int64_t r = 0; r < kTileRows; ++r) packed[l * kTileRows + r] = x[l * p.m + r];
      }
    } else {
      for (std::int64_t l = 0; l < p.k; ++l) {
        for (std::int64_t r = 0; r < kTileRows; ++r)
          packed[l * kTileRows + r] = r < rows ? x[l * p.m + r] : T(0);
      }
    }
  }
}

template <class T>
void panel(const LeftSide& left, const void* a, const void* packed, std::int64_t depth, const Part& part,
           void* y) {
  column_of_tiles<T, true>(static_cast<const T*>(a), left.row_step, left.depth_step, left.tile_step,
                           static_cast<const T*>(packed), panel_width<T>(), depth, static_cast<T*>(y),
                           part.row_step, part.rows, static_cast<std::size_t>(part.columns), part.add);
}

template <class T>
void direct(const Product& p, const void* a, const void* b, void* y) {
  const std::int64_t width = panel_width<T>();
  const std::int64_t am = p.transpose_a ? 1 : p.k, ak = p.transpose_a ? p.m : 1;
  for (std::int64_t j = 0; j < p.n; j += width) {
    column_of_tiles<T, false>(static_cast<const T*>(a), am, ak, kTileRows * am, static_cast<const T*>(b) + j,
                              p.n, p.k, static_cast<T*>(y) + j, p.n, p.m,
                              static_cast<std::size_t>(std::min(width, p.n - j)), false);
  }
}

template <class T>
const MatmulFunctions* functions() {
  static const MatmulFunctions table = {panel_width<T>(), pack_b<T>, pack_a<T>, panel<T>, direct<T>};
  return &table;
}

const MatmulFunctions* find_product(DType dtype) {
  if (dtype == DType::f32) return functions<float>();
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return functions<double>();
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_product);

const MatmulFunctions* find_matmul(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_product)(dtype); }

}  // namespace gradus::simd
#endif
