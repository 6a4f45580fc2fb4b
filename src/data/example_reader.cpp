#include "data/example_reader.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"
#include "base/parallel.h"
#include "data/augment.h"
#include "data/gather.h"
#include "data/pixels.h"
#include "tensor/dispatch.h"

namespace gradus::data {
namespace {

// Elements of a batch for which another thread pays: 30 us of copying, three times what it takes to wake it.
constexpr std::int64_t kParallelElements = 65536;

// Shuffled examples lie anywhere in memory: they are fetched this many examples before they are read.
constexpr std::size_t kAhead = 4;

struct Extents {
  std::int64_t channels, height, width;
};

template <class From, class To>
constexpr bool kWide = std::is_same_v<From, std::uint8_t>&& std::is_same_v<To, float>;

// As they are; pixels stand for shares of 255.
template <class From, class To>
void convert(std::span<const From> from, To* to) {
  if constexpr (kWide<From, To>)
    pixels_as_shares(from, to);
  else
    std::transform(from.begin(), from.end(), to, [](From v) {
      return std::is_same_v<From, std::uint8_t> ? static_cast<To>(v) / To{255} : static_cast<To>(v);
    });
}

template <class From, class To>
void convert(std::span<const From> from, double scale, double shift, To* to) {
  // Of pixels and f32 in the batch's own arithmetic, which is what takes the time.
  using Wide = std::conditional_t<std::is_same_v<From, double>, double, To>;
  const auto a = static_cast<Wide>(scale), b = static_cast<Wide>(shift);
  if constexpr (kWide<From, To>)
    pixels_scaled(from, a, b, to);
  else
    std::transform(from.begin(), from.end(), to,
                   [a, b](From v) { return static_cast<To>(static_cast<Wide>(v) * a + b); });
}

// One channel, its pixels moved and mirrored but not yet converted. What comes from outside is left as it is.
template <class T>
void move_pixels(const T* from, T* to, const Extents& e, const Placement& place) {
  const auto [first, last] = place.inside(place.right, e.width);
  const auto [top, bottom] = place.inside(place.down, e.height);
  for (std::int64_t y = top; y < bottom; ++y) {
    const T* source = from + (y + place.down) * e.width + place.right;
    T* row = to + y * e.width;
    if (place.flip)
      std::reverse_copy(source + first, source + last, row + e.width - last);
    else
      std::copy(source + first, source + last, row + first);
  }
}

template <class T>
void clear(T* to, std::int64_t width, const Box& box) {
  for (std::int64_t y = box.top; y < box.top + box.height; ++y)
    std::fill_n(to + y * width + box.left, box.width, T{0});
}

// What came from outside, and what is erased.
template <class T>
void clear_outside(T* to, const Extents& e, const Placement& place) {
  auto [first, last] = place.inside(place.right, e.width);
  const auto [top, bottom] = place.inside(place.down, e.height);
  if (place.flip) std::tie(first, last) = std::pair(e.width - last, e.width - first);
  clear(to, e.width, {0, 0, top, e.width});
  clear(to, e.width, {bottom, 0, e.height - bottom, e.width});
  clear(to, e.width, {top, 0, bottom - top, first});
  clear(to, e.width, {top, last, bottom - top, e.width - last});
  for (const Box& box : place.erased) clear(to, e.width, box);
}

template <class T>
void blend(T* own, const T* other, std::int64_t count, double share) {
  const T mine = static_cast<T>(share), theirs = static_cast<T>(1 - share);
  for (std::int64_t i = 0; i < count; ++i) own[i] = mine * own[i] + theirs * other[i];
}

}  // namespace

ExampleReader::ExampleReader(const Dataset& data, DType dtype, const Augmentation& augmentation,
                             std::uint64_t seed, int threads)
    : data_(data), dtype_(dtype), augmentation_(augmentation), seed_(seed) {
  augmentation_.require_fits(data, "loader");
  if (data.normalizer) data.normalizer->require_fits(data.x);
  plain_ = !data.normalizer && !augmentation_.changes_images() && data.x.dtype() != DType::u8;
  const Shape example = data.example_shape();
  example_bytes_ = example.size() * static_cast<std::int64_t>(size_of(data.x.dtype()));
  if (augmentation_.changes_images())
    channels_ = example[0], height_ = example[1];
  else if (data.normalizer)
    channels_ = static_cast<std::int64_t>(data.normalizer->mean.size());
  width_ = channels_ * height_ == 0 ? 0 : example.size() / (channels_ * height_);
  GRADUS_CHECK(!data.normalizer || static_cast<std::int64_t>(data.normalizer->mean.size()) == channels_);
  if (data.normalizer) {
    const double unit = data.x.dtype() == DType::u8 ? 255 : 1;
    for (std::size_t c = 0; c < data.normalizer->mean.size(); ++c) {
      scale_.push_back(1 / (unit * data.normalizer->std[c]));
      shift_.push_back(-data.normalizer->mean[c] / data.normalizer->std[c]);
    }
  }
  for (int i = 0; i < std::max(threads, 1); ++i) {
    Scratch& scratch = scratch_.emplace_back();
    if (augmentation_.changes_images()) scratch.moved = Tensor(data.x.dtype(), Shape{height_, width_});
    if (augmentation_.mixup > 0) scratch.other = Tensor(dtype, example);
  }
}

void ExampleReader::prefetch_example(std::int64_t row) const {
  constexpr std::int64_t kCacheLine = 64, kMost = 4096;  // further bytes the processor sees coming
  const std::byte* first = data_.x.data() + row * example_bytes_;
  for (std::int64_t i = 0; i < std::min(example_bytes_, kMost); i += kCacheLine)
    __builtin_prefetch(first + i);
}

template <class To>
void ExampleReader::read_x(Scratch& scratch, std::int64_t epoch, std::int64_t row, To* to) const {
  const Extents extents{channels_, height_, width_};
  Placement place;
  if (augmentation_.changes_images())
    place = draw_placement(augmentation_, seed_, epoch, row, height_, width_);
  const std::int64_t plane = height_ * width_;
  dispatch(data_.x.dtype(), [&](auto zero) {
    using From = decltype(zero);
    const From* image = data_.x.values<From>().data() + row * channels_ * plane;
    From* moved = place.moves() ? scratch.moved.values<From>().data() : nullptr;
    for (std::int64_t c = 0; c < channels_; ++c) {
      const From* from = image + c * plane;
      To* target = to + c * plane;
      if (moved != nullptr) {
        move_pixels(from, moved, extents, place);
        from = moved;
      }
      const std::span<const From> pixels(from, static_cast<std::size_t>(plane));
      const auto channel = static_cast<std::size_t>(c);
      if (scale_.empty())
        convert(pixels, target);
      else
        convert(pixels, scale_[channel], shift_[channel], target);
      clear_outside(target, extents, place);
    }
  });
}

// x_i = l x_i + (1 - l) x_j, and the same for targets and weights.
template <class To>
void ExampleReader::mix(Scratch& scratch, std::int64_t epoch, std::span<const std::int64_t> rows,
                        std::int64_t first, Batch& batch) const {
  const std::int64_t size = channels_ * height_ * width_;
  const std::int64_t targets = batch.y.defined() ? batch.y.shape().without(0).size() : 0;
  To* x = batch.x.values<To>().data() + first * size;
  To* y = targets > 0 ? batch.y.values<To>().data() + first * targets : nullptr;
  To* weight = batch.weight.defined() ? batch.weight.values<To>().data() + first : nullptr;
  To* other = scratch.other.values<To>().data();
  for (const std::int64_t row : rows) {
    const Mix mix = draw_mix(augmentation_, seed_, epoch, row, data_.size());
    const std::int64_t partner = mix.partner;
    read_x(scratch, epoch, partner, other);
    blend(x, other, size, mix.share);
    x += size;
    if (y != nullptr && data_.kind == Kind::classes) {
      const auto labels = data_.y.values<std::int64_t>();
      std::fill_n(y, targets, To{0});
      y[labels[static_cast<std::size_t>(row)]] += static_cast<To>(mix.share);
      y[labels[static_cast<std::size_t>(partner)]] += static_cast<To>(1 - mix.share);
    } else {
      for (std::int64_t k = 0; k < targets; ++k) {
        const auto theirs = static_cast<To>(data_.y.at(partner * targets + k));
        blend(y + k, &theirs, 1, mix.share);
      }
    }
    if (y != nullptr) y += targets;
    if (weight != nullptr) {
      const auto theirs = static_cast<To>(data_.weight.at(partner));
      blend(weight++, &theirs, 1, mix.share);
    }
  }
}

void ExampleReader::read(std::int64_t epoch, std::span<const std::int64_t> rows, Batch& batch) {
  const std::int64_t example = std::max<std::int64_t>(data_.example_shape().size(), 1);
  const auto size = static_cast<std::int64_t>(rows.size());
  const int threads = size * example < kParallelElements ? 1 : static_cast<int>(scratch_.size());
  parallel_for(size, 1, threads, [&](int part, std::int64_t begin, std::int64_t end) {
    const auto some = rows.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    read_part(scratch_[static_cast<std::size_t>(part)], epoch, some, begin, batch);
  });
}

void ExampleReader::read_part(Scratch& scratch, std::int64_t epoch, std::span<const std::int64_t> rows,
                              std::int64_t first, Batch& batch) const {
  const bool mixes = augmentation_.mixup > 0;
  const bool one_hot = mixes && data_.kind == Kind::classes;  // mix() fills y
  if (batch.y.defined() && !one_hot) gather_rows(data_.y, rows, batch.y, first);
  if (batch.weight.defined()) gather_rows(data_.weight, rows, batch.weight, first);
  if (plain_) gather_rows(data_.x, rows, batch.x, first);
  dispatch_float(dtype_, [&](auto zero) {
    using To = decltype(zero);
    if (!plain_) {
      const std::int64_t example = channels_ * height_ * width_;
      To* x = batch.x.values<To>().data() + first * example;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i + kAhead < rows.size()) prefetch_example(rows[i + kAhead]);
        read_x(scratch, epoch, rows[i], x);
        x += example;
      }
    }
    if (mixes) mix<To>(scratch, epoch, rows, first, batch);
  });
}

}  // namespace gradus::data
