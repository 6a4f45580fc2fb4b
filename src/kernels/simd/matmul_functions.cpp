#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/matmul_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <type_traits>

#include "kernels/simd/matmul.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// Rows of a tile. 32 registers hold 12 x 2 vectors of sums, 2 of b and 1 of a; 16 hold 6 x 2.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
constexpr int kTileRows = 12;
#else
constexpr int kTileRows = 6;
#endif

// How a tile reads its two sides.
struct Sides {
  bool packed;  // b is a packed panel: whole vectors of it may be read, a panel's width apart
  bool turned;  // rows of a are neighbours in memory
};

// Where a tile reads and writes: row r of a at depth l is a[r am + l ak]; b has ldb elements a row.
template <class T>
struct Tile {
  const T* a;
  std::int64_t am, ak;
  const T* b;
  std::int64_t ldb, k;
  T* y;
  std::int64_t ldy;
  std::size_t width;  // columns
  bool add;           // to what is there
};

// The sums of a tile. Not an array: compilers leave a large one in memory, and the sums belong in registers.
template <class V, int kRows>
struct Sums {
  V low, high;
  Sums<V, kRows - 1> below;
};
template <class V>
struct Sums<V, 0> {};

template <int kVectors, class D, class V, int kRows>
HWY_INLINE void clear(D d, Sums<V, kRows>& sums, const hn::TFromD<D>* y, std::int64_t ldy) {
  if constexpr (kRows > 0) {
    sums.low = sums.high = hn::Zero(d);
    hwy::Prefetch(y);  // there is time until the sums are written
    if constexpr (kVectors == 2) hwy::Prefetch(y + hn::Lanes(d));
    clear<kVectors>(d, sums.below, y + ldy, ldy);
  }
}

template <int kVectors, class D, class V, int kRows>
HWY_INLINE void add_products(D d, Sums<V, kRows>& sums, const hn::TFromD<D>* a, std::int64_t am, V b0, V b1) {
  if constexpr (kRows > 0) {
    const V x = hn::Set(d, *a);
    sums.low = hn::MulAdd(x, b0, sums.low);
    if constexpr (kVectors == 2) sums.high = hn::MulAdd(x, b1, sums.high);
    add_products<kVectors>(d, sums.below, a + am, am, b0, b1);
  }
}

// To rows of y: whole vectors but for the last one, which has `rest` elements; added or not.
template <int kVectors, bool kWhole, bool kAdd, class D, class V, int kRows>
HWY_INLINE void write(D d, const Sums<V, kRows>& sums, hn::TFromD<D>* y, std::int64_t ldy, std::size_t rest) {
  if constexpr (kRows > 0) {
    if constexpr (kVectors == 2) hn::StoreU(kAdd ? hn::Add(sums.low, hn::LoadU(d, y)) : sums.low, d, y);
    auto* const end = y + (kVectors - 1) * hn::Lanes(d);
    const V last = kVectors == 2 ? sums.high : sums.low;
    if constexpr (kWhole)
      hn::StoreU(kAdd ? hn::Add(last, hn::LoadU(d, end)) : last, d, end);
    else
      store_tail(d, kAdd ? hn::Add(last, load_tail(d, end, rest)) : last, end, rest);
    write<kVectors, kWhole, kAdd>(d, sums.below, y + ldy, ldy, rest);
  }
}

// y[r][j] (+)= sum over l of a[r][l] b[l][j]: kCount rows, up to kVectors vectors of columns.
template <class T, Sides kSides, int kVectors, int kCount>
HWY_INLINE void multiply(const Tile<T>& t) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d), rest = t.width - (kVectors - 1) * lanes;  // in the last vector
  using V = hn::Vec<decltype(d)>;
  const T* a = t.a;
  const T* b = t.b;
  const std::int64_t am = kSides.turned ? 1 : t.am, ak = kSides.turned ? t.ak : 1;
  const std::int64_t ldb = kSides.packed ? 2 * static_cast<std::int64_t>(lanes) : t.ldb;
  Sums<V, kCount> sums;
  clear<kVectors>(d, sums, t.y, t.ldy);
  if (kSides.packed || rest == lanes) {
    for (std::int64_t l = 0; l < t.k; ++l, a += ak, b += ldb)
      add_products<kVectors>(d, sums, a, am, hn::LoadU(d, b), hn::LoadU(d, b + (kVectors - 1) * lanes));
  } else {
    for (std::int64_t l = 0; l < t.k; ++l, a += ak, b += ldb) {
      const V last = load_tail(d, b + (kVectors - 1) * lanes, rest);
      add_products<kVectors>(d, sums, a, am, kVectors == 2 ? hn::LoadU(d, b) : last, last);
    }
  }
  if (rest == lanes) {
    t.add ? write<kVectors, true, true>(d, sums, t.y, t.ldy, rest)
          : write<kVectors, true, false>(d, sums, t.y, t.ldy, rest);
  } else {
    t.add ? write<kVectors, false, true>(d, sums, t.y, t.ldy, rest)
          : write<kVectors, false, false>(d, sums, t.y, t.ldy, rest);
  }
}

// The last rows, kMost or fewer.
template <class T, Sides kSides, int kVectors, int kMost>
HWY_INLINE void multiply_rest(const Tile<T>& t, std::int64_t rows) {
  if (rows == kMost) return multiply<T, kSides, kVectors, kMost>(t);
  if constexpr (kMost > 1) multiply_rest<T, kSides, kVectors, kMost - 1>(t, rows);
}

// `rows` rows in tiles, `next` elements of a apart.
template <class T, Sides kSides, int kVectors>
void multiply_column(Tile<T> t, std::int64_t next, std::int64_t rows) {
  for (; rows >= kTileRows; rows -= kTileRows, t.a += next, t.y += kTileRows * t.ldy)
    multiply<T, kSides, kVectors, kTileRows>(t);
  multiply_rest<T, kSides, kVectors, kTileRows - 1>(t, rows);
}

template <class T, bool kPacked>
void column_of_tiles(const Tile<T>& t, std::int64_t next, std::int64_t rows) {
  const bool one = t.width <= hn::Lanes(hn::ScalableTag<T>());
  if (t.am == 1) {
    constexpr Sides kSides{kPacked, true};
    one ? multiply_column<T, kSides, 1>(t, next, rows) : multiply_column<T, kSides, 2>(t, next, rows);
  } else {
    constexpr Sides kSides{kPacked, false};
    one ? multiply_column<T, kSides, 1>(t, next, rows) : multiply_column<T, kSides, 2>(t, next, rows);
  }
}

template <class T>
std::int64_t panel_width() {
  return 2 * static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

#if HWY_TARGET != HWY_SCALAR
// The 128 bits at element l of rows[0], rows[step], ... side by side.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_blocks(D d, const T* const* rows, std::size_t step, std::int64_t l) {
  constexpr std::size_t kBlock = 16 / sizeof(T);
  auto v = hn::LoadDup128(d, rows[0] + l);
  for (std::size_t i = 1; i < hn::Lanes(d) / kBlock; ++i)
    v = hn::IfThenElse(hn::FirstN(d, i * kBlock), v, hn::LoadDup128(d, rows[i * step] + l));
  return v;
}

// to[l * step + c] = from[c][l] for a vector of c and for `n` l, a multiple of the elements in 128 bits.
// A vector is loaded from as many rows as it has blocks of 128 bits, such that blocks are turned over in
// place.
HWY_INLINE void transpose(const float* const* from, std::int64_t n, float* to, std::int64_t step) {
  const hn::ScalableTag<float> d;
  const hn::Repartition<double, decltype(d)> pairs;
  const auto wide = [&](auto v) { return hn::BitCast(pairs, v); };
  for (std::int64_t l = 0; l < n; l += 4, to += 4 * step) {
    const auto r0 = load_blocks(d, from, 4, l), r1 = load_blocks(d, from + 1, 4, l);
    const auto r2 = load_blocks(d, from + 2, 4, l), r3 = load_blocks(d, from + 3, 4, l);
    const auto a = wide(hn::InterleaveLower(d, r0, r1)), b = wide(hn::InterleaveLower(d, r2, r3));
    const auto c = wide(hn::InterleaveUpper(d, r0, r1)), e = wide(hn::InterleaveUpper(d, r2, r3));
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)), d, to);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, a, b)), d, to + step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, c, e)), d, to + 2 * step);
    hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, c, e)), d, to + 3 * step);
  }
}
#if HWY_HAVE_FLOAT64
HWY_INLINE void transpose(const double* const* from, std::int64_t n, double* to, std::int64_t step) {
  const hn::ScalableTag<double> d;
  for (std::int64_t l = 0; l < n; l += 2, to += 2 * step) {
    const auto r0 = load_blocks(d, from, 2, l), r1 = load_blocks(d, from + 1, 2, l);
    hn::StoreU(hn::InterleaveLower(d, r0, r1), d, to);
    hn::StoreU(hn::InterleaveUpper(d, r0, r1), d, to + step);
  }
}
#endif
#endif

// packed[l][c] = x[c * stride + l] for c < columns, l < k. Behind the columns the last one is repeated.
template <class T>
void pack_transposed(const T* x, std::int64_t stride, std::int64_t columns, std::int64_t k, T* packed) {
  const std::int64_t width = panel_width<T>();
#if HWY_TARGET == HWY_SCALAR
  const std::int64_t whole = 0;
#else
  constexpr std::int64_t kBlock = 16 / sizeof(T);
  const std::int64_t lanes = width / 2, whole = k / kBlock * kBlock;
  for (std::int64_t c = 0; c < columns; c += lanes) {
    const T* rows[hn::MaxLanes(hn::ScalableTag<T>())];
    for (std::int64_t i = 0; i < lanes; ++i) rows[i] = x + std::min(c + i, columns - 1) * stride;
    transpose(rows, whole, packed + c, width);
  }
#endif
  for (std::int64_t l = whole; l < k; ++l) {
    for (std::int64_t c = 0; c < width; ++c) packed[l * width + c] = x[std::min(c, columns - 1) * stride + l];
  }
}

template <class T>
void pack_b(const Product& p, const void* from, Columns of_b, Depth depth, void* to) {
  const auto [column, columns] = of_b;
  const std::int64_t width = panel_width<T>(), k = depth.to - depth.from;
  const auto* b = static_cast<const T*>(from);
  auto* packed = static_cast<T*>(to);
  if (p.transpose_b) {
    return pack_transposed(b + column * p.k + depth.from, p.k, columns, k, packed);
  }
  b += depth.from * p.n + column;
  if (columns == width) {
    const hn::ScalableTag<T> d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::int64_t l = 0; l < k; ++l, b += p.n, packed += width) {
      const auto low = hn::LoadU(d, b), high = hn::LoadU(d, b + lanes);
      hn::StoreU(low, d, packed);
      hn::StoreU(high, d, packed + lanes);
    }
    return;
  }
  for (std::int64_t l = 0; l < k; ++l, b += p.n, packed += width) {
    std::copy_n(b, columns, packed);
    std::fill_n(packed + columns, width - columns, T(0));
  }
}

template <class T>
void pack_a(const Product& p, const void* from, std::int64_t first, std::int64_t last, void* to) {
  const hn::ScalableTag<T> d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto* a = static_cast<const T*>(from);
  for (std::int64_t t = first; t < last; ++t) {
    auto* packed = static_cast<T*>(to) + (t - first) * p.k * kTileRows;
    const std::int64_t rows = std::min<std::int64_t>(kTileRows, p.m - t * kTileRows);
    const T* x = a + t * kTileRows;
    std::int64_t l = 0;
    if (rows == kTileRows) {
      // Whole vectors reach into the next depth, which is written next; but not beyond the arrays.
      for (; l + 1 < p.k; ++l) {
        for (std::int64_t r = 0; r < kTileRows; r += lanes)
          hn::StoreU(hn::LoadU(d, x + l * p.m + r), d, packed + l * kTileRows + r);
      }
    }
    for (; l < p.k; ++l) {
      for (std::int64_t r = 0; r < kTileRows; ++r)
        packed[l * kTileRows + r] = r < rows ? x[l * p.m + r] : T(0);
    }
  }
}

template <class T>
void panel(const LeftSide& left, const void* a, const void* packed, std::int64_t depth, const Part& part,
           void* y) {
  column_of_tiles<T, true>(
      {static_cast<const T*>(a), left.row_step, left.depth_step, static_cast<const T*>(packed), 0, depth,
       static_cast<T*>(y), part.row_step, static_cast<std::size_t>(part.columns), part.add},
      left.tile_step, part.rows);
}

template <class T>
void direct(const Product& p, const void* a, const void* b, void* y) {
  const std::int64_t width = panel_width<T>();
  const std::int64_t am = p.transpose_a ? 1 : p.k, ak = p.transpose_a ? p.m : 1;
  for (std::int64_t j = 0; j < p.n; j += width) {
    column_of_tiles<T, false>(
        {static_cast<const T*>(a), am, ak, static_cast<const T*>(b) + j, p.n, p.k, static_cast<T*>(y) + j,
         p.n, static_cast<std::size_t>(std::min(width, p.n - j)), false},
        kTileRows * am, p.m);
  }
}

template <class T>
const MatmulFunctions* functions() {
  static const MatmulFunctions table = {kTileRows, panel_width<T>(), pack_b<T>,
                                        pack_a<T>, panel<T>,         direct<T>};
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
