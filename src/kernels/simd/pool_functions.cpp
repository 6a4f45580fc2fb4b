#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/pool_functions.cpp"
#include <hwy/foreach_target.h>
// Highway's order: foreach_target first.
#include <hwy/highway.h>

#include "kernels/simd/pool.h"
#include "kernels/simd/tail-inl.h"

HWY_BEFORE_NAMESPACE();
namespace gradus::simd::HWY_NAMESPACE {

// Places of winners travel as numbers of the element type: integers in memory, exact floats in vectors.
template <class D>
HWY_INLINE hn::Vec<D> load_places(D d, const std::int32_t* p, std::size_t count) {
  const hn::Rebind<std::int32_t, D> di;
  const auto places = count == hn::Lanes(d) ? hn::LoadU(di, p) : load_tail(di, p, count);
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    return hn::ConvertTo(d, places);
  else
    return hn::PromoteTo(d, places);
}

template <class D, class V>
HWY_INLINE void store_places(D d, V v, std::int32_t* p, std::size_t count) {
  const hn::Rebind<std::int32_t, D> di;
  const auto store = [&](auto places) {
    if (count == hn::Lanes(d))
      hn::StoreU(places, di, p);
    else
      store_tail(di, places, p, count);
  };
  if constexpr (sizeof(hn::TFromD<D>) == 4)
    store(hn::ConvertTo(di, v));
  else
    store(hn::DemoteTo(di, v));
}

// body(load, store, first channel, channels) for vectors of channels; load(p) and store(v, p) take the lanes
// that are there.
template <class T, class Body>
HWY_INLINE void each_channel_vector(std::int64_t channels, Body&& body) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) {
    body([d](const T* p) { return hn::LoadU(d, p); }, [d](auto v, T* p) { hn::StoreU(v, d, p); }, c,
         static_cast<std::size_t>(lanes));
  }
  if (c < channels) {
    const auto count = static_cast<std::size_t>(channels - c);
    body([d, count](const T* p) { return load_tail(d, p, count); },
         [d, count](auto v, T* p) { store_tail(d, v, p, count); }, c, count);
  }
}

// body(window, its number) for each window of rows [begin, end); `first` is the window's image.
template <class Body>
HWY_INLINE void each_window(const PoolGeometry& g, std::int64_t begin, std::int64_t end, Body&& body) {
  PoolWindow window{};
  window.columns = g.kernel_w;
  window.column_step = g.c;
  window.row_step = g.w * g.c;
  for (std::int64_t row = begin; row < end; ++row) {
    window.first = row / g.out_h * g.h * window.row_step;
    window.top = row % g.out_h * g.stride_h - g.pad_h;
    window.row_begin = std::max<std::int64_t>(0, window.top);
    window.row_end = std::min(g.h, window.top + g.kernel_h);
    for (std::int64_t j = 0; j < g.out_w; ++j) {
      window.left = j * g.stride_w - g.pad_w;
      window.column_begin = std::max<std::int64_t>(0, window.left);
      window.column_end = std::min(g.w, window.left + g.kernel_w);
      body(window, row * g.out_w + j);
    }
  }
}

// The windows along one axis that cover a place; places come in ascending order.
class Covering {
 public:
  Covering(std::int64_t kernel, std::int64_t stride, std::int64_t pad, std::int64_t windows)
      : kernel_(kernel), stride_(stride), pad_(pad), windows_(windows) {}
  // Windows [begin, end) cover `place`.
  HWY_INLINE void move_to(std::int64_t place) {
    const std::int64_t at = place + pad_;
    while (end < windows_ && end * stride_ <= at) ++end;
    while (begin < end && begin * stride_ + kernel_ <= at) ++begin;
  }
  // The place within the window.
  HWY_INLINE std::int64_t inside(std::int64_t window, std::int64_t place) const {
    return place + pad_ - window * stride_;
  }
  std::int64_t begin = 0, end = 0;

 private:
  std::int64_t kernel_, stride_, pad_, windows_;
};

// A pixel of the unpooled side.
struct Pixel {
  std::int64_t number, row, column;  // number: among all pixels of the batch
  std::int64_t image;                // the first row of windows of its image
};

// body(pixel, windows over its row, windows over its column) for each pixel of rows [begin, end).
template <class Body>
HWY_INLINE void each_pixel(const PoolGeometry& g, std::int64_t begin, std::int64_t end, Body&& body) {
  for (std::int64_t row = begin; row < end; ++row) {
    Covering rows(g.kernel_h, g.stride_h, g.pad_h, g.out_h),
        columns(g.kernel_w, g.stride_w, g.pad_w, g.out_w);
    Pixel pixel{row * g.w, row % g.h, 0, row / g.h * g.out_h};
    rows.move_to(pixel.row);
    for (; pixel.column < g.w; ++pixel.column, ++pixel.number) {
      columns.move_to(pixel.column);
      body(pixel, rows, columns);
    }
  }
}

// The first of equal winners stays, and a NaN that has won stays, too: comparisons with NaN are false.
template <class T>
void max_pool(const PoolGeometry& g, const void* from, void* to, std::int32_t* winners, std::int64_t begin,
              std::int64_t end) {
  const hn::ScalableTag<T> d;
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  each_window(g, begin, end, [&](const PoolWindow& window, std::int64_t number) {
    each_channel_vector<T>(g.c, [&](auto load, auto store, std::int64_t c, std::size_t count) {
      auto best = hn::Zero(d), place = best;
      bool first = true;
      window.each([&](std::int64_t element, std::int64_t at) {
        const auto v = load(x + element + c), here = hn::Set(d, static_cast<T>(at));
        const auto stays = hn::Or(hn::Ge(best, v), hn::IsNaN(best));
        best = first ? v : hn::IfThenElse(stays, best, v);
        place = first ? here : hn::IfThenElse(stays, place, here);
        first = false;
      });
      store(best, y + number * g.c + c);
      store_places(d, place, winners + number * g.c + c, count);
    });
  });
}

template <class T>
void take_pooled(const PoolGeometry& g, const void* from, const std::int32_t* winners, void* to,
                 std::int64_t begin, std::int64_t end) {
  const hn::ScalableTag<T> d;
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  each_window(g, begin, end, [&](const PoolWindow& window, std::int64_t number) {
    each_channel_vector<T>(g.c, [&](auto load, auto store, std::int64_t c, std::size_t count) {
      const auto place = load_places(d, winners + number * g.c + c, count);
      auto taken = hn::Zero(d);
      window.each([&](std::int64_t element, std::int64_t at) {
        const auto here = hn::Eq(place, hn::Set(d, static_cast<T>(at)));
        taken = hn::IfThenElse(here, load(x + element + c), taken);
      });
      store(taken, y + number * g.c + c);
    });
  });
}

// Each pixel asks the windows over it whether it won: no two write to one place.
template <class T>
void max_pool_grad(const PoolGeometry& g, const void* from, const std::int32_t* winners, void* to,
                   std::int64_t begin, std::int64_t end) {
  const hn::ScalableTag<T> d;
  const T* dy = static_cast<const T*>(from);
  T* dx = static_cast<T*>(to);
  each_pixel(g, begin, end, [&](const Pixel& pixel, const Covering& rows, const Covering& columns) {
    each_channel_vector<T>(g.c, [&](auto load, auto store, std::int64_t c, std::size_t count) {
      auto sum = hn::Zero(d);
      for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        const std::int64_t across = rows.inside(i, pixel.row) * g.kernel_w;
        for (std::int64_t j = columns.begin; j < columns.end; ++j) {
          const std::int64_t at = ((pixel.image + i) * g.out_w + j) * g.c + c;
          const auto here = hn::Set(d, static_cast<T>(across + columns.inside(j, pixel.column)));
          const auto won = hn::Eq(load_places(d, winners + at, count), here);
          sum = hn::Add(sum, hn::IfThenElseZero(won, load(dy + at)));
        }
      }
      store(sum, dx + pixel.number * g.c + c);
    });
  });
}

template <class T>
void avg_pool(const PoolGeometry& g, bool count_padding, const void* from, void* to, std::int64_t begin,
              std::int64_t end) {
  const hn::ScalableTag<T> d;
  const T* x = static_cast<const T*>(from);
  T* y = static_cast<T*>(to);
  each_window(g, begin, end, [&](const PoolWindow& window, std::int64_t number) {
    const auto share = hn::Set(d, T(1) / static_cast<T>(g.counted(window, count_padding)));
    each_channel_vector<T>(g.c, [&](auto load, auto store, std::int64_t c, std::size_t) {
      auto sum = hn::Zero(d);
      window.each([&](std::int64_t element, std::int64_t) { sum = hn::Add(sum, load(x + element + c)); });
      store(hn::Mul(sum, share), y + number * g.c + c);
    });
  });
}

template <class T>
void avg_pool_grad(const PoolGeometry& g, bool count_padding, const void* from, void* to, std::int64_t begin,
                   std::int64_t end) {
  const hn::ScalableTag<T> d;
  const T* dy = static_cast<const T*>(from);
  T* dx = static_cast<T*>(to);
  // Elements of the image that window i of an axis covers.
  const auto inside = [](std::int64_t i, std::int64_t stride, std::int64_t pad, std::int64_t kernel,
                         std::int64_t extent) {
    const std::int64_t first = i * stride - pad;
    return std::min(extent, first + kernel) - std::max<std::int64_t>(0, first);
  };
  const T whole = T(1) / static_cast<T>(g.kernel_h * g.kernel_w);
  each_pixel(g, begin, end, [&](const Pixel& pixel, const Covering& rows, const Covering& columns) {
    each_channel_vector<T>(g.c, [&](auto load, auto store, std::int64_t c, std::size_t) {
      auto sum = hn::Zero(d);
      for (std::int64_t i = rows.begin; i < rows.end; ++i) {
        for (std::int64_t j = columns.begin; j < columns.end; ++j) {
          const T share = count_padding
                              ? whole
                              : T(1) / static_cast<T>(inside(i, g.stride_h, g.pad_h, g.kernel_h, g.h) *
                                                      inside(j, g.stride_w, g.pad_w, g.kernel_w, g.w));
          const T* from_window = dy + ((pixel.image + i) * g.out_w + j) * g.c + c;
          sum = hn::MulAdd(load(from_window), hn::Set(d, share), sum);
        }
      }
      store(sum, dx + pixel.number * g.c + c);
    });
  });
}

template <class T>
constexpr PoolFunctions kPoolFunctions = {max_pool<T>, take_pooled<T>, max_pool_grad<T>, avg_pool<T>,
                                          avg_pool_grad<T>};

const PoolFunctions* find_pool_functions(DType dtype) {
  if (dtype == DType::f32) return &kPoolFunctions<float>;
#if HWY_HAVE_FLOAT64
  if (dtype == DType::f64) return &kPoolFunctions<double>;
#endif
  return nullptr;
}

}  // namespace gradus::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace gradus::simd {

HWY_EXPORT(find_pool_functions);

const PoolFunctions* find_pool(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_pool_functions)(dtype); }

}  // namespace gradus::simd
#endif
