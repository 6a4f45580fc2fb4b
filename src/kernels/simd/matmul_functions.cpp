#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/matmul_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/simd/matmul.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

constexpr std::int64_t kRows = 6;  // 6 x 2 accumulators, 2 of b and 1 of a fit 16 registers

template <class T>
std::int64_t panel_width() {
  return 2 * static_cast<std::int64_t>(hn::Lanes(hn::ScalableTag<T>()));
}

// kCount rows of y, columns [0, width) of one panel: y[r][j] = sum over l of a[r][l] b[l][j].
// a is read with row step `am` and column step `ak`; b has `ldb` elements a row.
template <class T, int kCount, bool kPadded>
HWY_INLINE void tile(const T* a, std::int64_t am, std::int64_t ak, const T* b, std::int64_t ldb,
                     std::int64_t k, T* y, std::int64_t ldy, std::size_t width) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  using V = hn::Vec<decltype(d)>;
  V low[kCount], high[kCount];
  for (int r = 0; r < kCount; ++r) low[r] = high[r] = hn::Zero(d);
  const std::size_t first = std::min(width, lanes), second = width - first;
  if (kPadded || width == 2 * lanes) {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = hn::LoadU(d, b + l * ldb),
              b1 = hn::LoadU(d, b + l * ldb + static_cast<std::int64_t>(lanes));
      for (int r = 0; r < kCount; ++r) {
        const V x = hn::Set(d, a[r * am + l * ak]);
        low[r] = hn::MulAdd(x, b0, low[r]);
        high[r] = hn::MulAdd(x, b1, high[r]);
      }
    }
  } else if (second > 0) {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = hn::LoadU(d, b + l * ldb);
      const V b1 = load_tail(d, b + l * ldb + static_cast<std::int64_t>(lanes), second);
      for (int r = 0; r < kCount; ++r) {
        const V x = hn::Set(d, a[r * am + l * ak]);
        low[r] = hn::MulAdd(x, b0, low[r]);
        high[r] = hn::MulAdd(x, b1, high[r]);
      }
    }
  } else {
    for (std::int64_t l = 0; l < k; ++l) {
      const V b0 = load_tail(d, b + l * ldb, first);
      for (int r = 0; r < kCount; ++r) low[r] = hn::MulAdd(hn::Set(d, a[r * am + l * ak]), b0, low[r]);
    }
  }
  for (int r = 0; r < kCount; ++r) {
    T* row = y + r * ldy;
    if (first == lanes)
      hn::StoreU(low[r], d, row);
    else
      store_tail(d, low[r], row, first);
    if (second == lanes)
      hn::StoreU(high[r], d, row + lanes);
    else if (second > 0)
      store_tail(d, high[r], row + lanes, second);
  }
}

template <class T, bool kPadded>
void panel(const T* a, std::int64_t am, std::int64_t ak, const T* b, std::int64_t ldb, std::int64_t k, T* y,
           std::int64_t ldy, std::int64_t rows, std::size_t width) {
  std::int64_t i = 0;
  for (; i + kRows <= rows; i += kRows)
    tile<T, kRows, kPadded>(a + i * am, am, ak, b, ldb, k, y + i * ldy, ldy, width);
  a += i * am;
  y += i * ldy;
  switch (rows - i) {
    case 1:
      return tile<T, 1, kPadded>(a, am, ak, b, ldb, k, y, ldy, width);
    case 2:
      return tile<T, 2, kPadded>(a, am, ak, b, ldb, k, y, ldy, width);
    case 3:
      return tile<T, 3, kPadded>(a, am, ak, b, ldb, k, y, ldy, width);
    case 4:
      return tile<T, 4, kPadded>(a, am, ak, b, ldb, k, y, ldy, width);
    case 5:
      return tile<T, 5, kPadded>(a, am, ak, b, ldb, k, y, ldy, width);
    default:
      return;
  }
}

template <class T>
std::int64_t packed_elements(const Product& p) {
  const std::int64_t width = panel_width<T>();
  return (p.n + width - 1) / width * width * p.k;
}

template <class T>
void pack(const Product& p, const void* from, void* to) {
  const std::int64_t width = panel_width<T>();
  const auto* b = static_cast<const T*>(from);
  auto* packed = static_cast<T*>(to);
  for (std::int64_t j = 0; j < p.n; j += width, packed += width * p.k) {
    const std::int64_t columns = std::min(width, p.n - j);
    if (columns < width) std::fill(packed, packed + width * p.k, T(0));
    if (p.transpose_b) {
      for (std::int64_t c = 0; c < columns; ++c) {
        for (std::int64_t l = 0; l < p.k; ++l) packed[l * width + c] = b[(j + c) * p.k + l];
      }
    } else {
      for (std::int64_t l = 0; l < p.k; ++l) std::copy_n(b + l * p.n + j, columns, packed + l * width);
    }
  }
}

template <class T>
void rows(const Product& p, const void* from, const void* packed, void* to, std::int64_t begin,
          std::int64_t end) {
  const std::int64_t width = panel_width<T>();
  const std::int64_t am = p.transpose_a ? 1 : p.k, ak = p.transpose_a ? p.m : 1;
  const auto* a = static_cast<const T*>(from) + begin * am;
  const auto* b = static_cast<const T*>(packed);
  auto* y = static_cast<T*>(to) + begin * p.n;
  for (std::int64_t j = 0; j < p.n; j += width, b += width * p.k) {
    panel<T, true>(a, am, ak, b, width, p.k, y + j, p.n, end - begin,
                   static_cast<std::size_t>(std::min(width, p.n - j)));
  }
}

template <class T>
void direct(const Product& p, const void* from, const void* right, void* to) {
  const std::int64_t width = panel_width<T>();
  const std::int64_t am = p.transpose_a ? 1 : p.k, ak = p.transpose_a ? p.m : 1;
  const auto* b = static_cast<const T*>(right);
  auto* y = static_cast<T*>(to);
  for (std::int64_t j = 0; j < p.n; j += width) {
    panel<T, false>(static_cast<const T*>(from), am, ak, b + j, p.n, p.k, y + j, p.n, p.m,
                    static_cast<std::size_t>(std::min(width, p.n - j)));
  }
}

template <class T>
constexpr MatmulFunctions kFunctions = {packed_elements<T>, pack<T>, rows<T>, direct<T>};

const MatmulFunctions* find_product(DType dtype) {
  if (dtype == DType::f32) return &kFunctions<float>;
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return &kFunctions<double>;
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
