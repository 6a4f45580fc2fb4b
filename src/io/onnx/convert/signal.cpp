// Fourier transforms, as products with cosines and sines, and what goes with them.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;
constexpr std::int64_t kLongest = 1 << 13;  // of a transform: its tables have that many squared

std::int64_t single(const Call& call, std::size_t at) {
  const Tensor given = call.known(at);
  require(given.size() == 1, "input {} must be one number, it is {}.", at, given.type().str());
  return static_cast<std::int64_t>(given.at(0));
}

// Rows of x [M, n, 1 or 2] (real, or real and imaginary) -> [M, bins, 2], the first `bins` of n frequencies.
Value transformed(const Value& x, std::int64_t bins, bool inverse) {
  const std::int64_t rows = x.shape()[0], n = x.shape()[1];
  require(n >= 1 && n <= kLongest, "transforms of {} places are not supported.", n);
  std::vector<double> cosines, sines;
  for (std::int64_t place = 0; place < n; ++place) {
    for (std::int64_t bin = 0; bin < bins; ++bin) {
      const double angle = kTurn * static_cast<double>(place * bin % n) / static_cast<double>(n);
      const double share = inverse ? 1.0 / static_cast<double>(n) : 1;
      cosines.push_back(share * std::cos(angle));
      sines.push_back((inverse ? -share : share) * std::sin(angle));
    }
  }
  const Value c = floats(x, {n, bins}, cosines), s = floats(x, {n, bins}, sines);
  const auto part = [&](std::int64_t i) { return reshape(cut(x, 2, i, i + 1), {rows, n}); };
  Value re = matmul(part(0), c), im = neg(matmul(part(0), s));
  if (x.shape()[2] == 2) {
    re = re + matmul(part(1), s);
    im = im + matmul(part(1), c);
  }
  return concat({reshape(re, {rows, bins, 1}), reshape(im, {rows, bins, 1})}, {.axis = 2});
}

Values fourier(const Call& call) {
  Value x = call.in(0);
  const int rank = x.shape().rank();
  require(rank >= 2 && (x.shape()[-1] == 1 || x.shape()[-1] == 2),
          "x must end in an axis of 1 (real) or 2 (complex), it is {}.", x.type().str());
  const int axis = axis_of(call.integer("axis", 1), rank);
  require(axis < rank - 1, "the last axis holds the parts of a number.");
  const bool inverse = call.integer("inverse", 0) != 0, one_sided = call.integer("onesided", 0) != 0;
  x = moved(x, axis, rank - 2);
  if (call.has(1)) {
    const std::int64_t wanted = single(call, 1), extent = x.shape()[rank - 2];
    require(wanted >= 1 && wanted <= kLongest, "transforms of {} places are not supported.", wanted);
    x = wanted <= extent ? cut(x, rank - 2, 0, wanted) : padded(x, rank - 2, 0, wanted - extent);
  }
  const std::int64_t n = x.shape()[rank - 2], bins = one_sided ? n / 2 + 1 : n;
  const Value rows = reshape(x, {product(x.shape(), 0, rank - 2), n, x.shape()[-1]});
  const Value y = transformed(rows, bins, inverse);
  return {moved(reshape(y, x.shape().with(rank - 2, bins).with(rank - 1, 2)), rank - 2, axis)};
}

// Frames of a signal [B, L, 1 or 2], times a window -> [B, frames, bins, 2].
Values short_time_fourier(const Call& call) {
  const Value x = call.in(0);
  require(x.shape().rank() == 3, "a signal [B, L, 1 or 2] was needed, it is {}.", x.type().str());
  const std::int64_t step = single(call, 1), extent = x.shape()[1];
  require(call.has(2) || call.has(3), "a window or a frame length is needed.");
  const std::int64_t length = call.has(3) ? single(call, 3) : call.in(2).shape().size();
  require(step >= 1 && length >= 1 && length <= extent && length <= kLongest,
          "frames of {} places each {} do not fit {}.", length, step, x.type().str());
  const std::int64_t frames = (extent - length) / step + 1, batch = x.shape()[0];
  const Value first = iota(call.graph(), frames) * list(call.graph(), {step});
  Value y = taken(x, reshape(first, {frames, 1}) + iota(call.graph(), length), 1);
  if (call.has(2)) y = y * reshape(call.in(2), {length, 1});
  const std::int64_t bins = call.integer("onesided", 1) != 0 ? length / 2 + 1 : length;
  const Value rows = reshape(y, {batch * frames, length, x.shape()[2]});
  return {reshape(transformed(rows, bins, false), {batch, frames, bins, 2})};
}

// a - b cos(2 pi i / n) + c cos(4 pi i / n); symmetric windows count n one less.
Values window(const Call& call, double a, double b, double c) {
  const std::int64_t size = single(call, 0);
  require(size >= 0 && size <= 1 << 24, "a window of {} places is not supported.", size);
  const auto n = static_cast<double>(call.integer("periodic", 1) != 0 ? size : size - 1);
  std::vector<double> list;
  for (std::int64_t i = 0; i < size; ++i) {
    const double angle = kTurn * static_cast<double>(i) / n;
    list.push_back(a - b * std::cos(angle) + c * std::cos(2 * angle));
  }
  const DType dtype = call.dtype("output_datatype", Element::f32);
  return {constant(call.graph(), Tensor::of<double>(Shape{size}, list).cast(dtype))};
}

Values hann(const Call& call) { return window(call, 0.5, 0.5, 0); }
Values hamming(const Call& call) { return window(call, 25.0 / 46, 21.0 / 46, 0); }
Values blackman(const Call& call) { return window(call, 0.42, 0.5, 0.08); }

// Triangles over frequencies, evenly spaced in mel = 2595 log10(1 + hertz / 700).
Values mel_weights(const Call& call) {
  const std::int64_t triangles = single(call, 0), length = single(call, 1), rate = single(call, 2);
  const double low = call.known(3).cast(DType::f64).at(0), high = call.known(4).cast(DType::f64).at(0);
  require(triangles >= 1 && triangles <= 4096 && length >= 1 && length <= 1 << 16 && rate >= 1,
          "{} triangles over {} places at {} Hz are not supported.", triangles, length, rate);
  const std::int64_t bins = length / 2 + 1;
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double step = (mel(high) - mel(low)) / static_cast<double>(triangles + 2);
  const auto corner = [&](std::int64_t i) {
    const double hertz = 700 * (std::pow(10, (mel(low) + static_cast<double>(i) * step) / 2595) - 1);
    const double bin = std::floor(static_cast<double>(length + 1) * hertz / static_cast<double>(rate));
    require(bin >= 0 && bin <= static_cast<double>(bins), "a triangle from {} to {} Hz leaves the spectrum.",
            low, high);
    return static_cast<std::int64_t>(bin);
  };
  Tensor table(DType::f64, Shape{bins, triangles});
  const auto set = [&](std::int64_t bin, std::int64_t i, double weight) {
    if (bin < bins) table.set(bin * triangles + i, weight);
  };
  for (std::int64_t i = 0; i < triangles; ++i) {
    const std::int64_t left = corner(i), middle = corner(i + 1), right = corner(i + 2);
    if (left == middle) set(middle, i, 1);
    for (std::int64_t j = left; left < middle && j <= middle; ++j) {
      set(j, i, static_cast<double>(j - left) / static_cast<double>(middle - left));
    }
    for (std::int64_t j = middle; j < right; ++j) {
      set(j, i, static_cast<double>(right - j) / static_cast<double>(right - middle));
    }
  }
  return {constant(call.graph(), table.cast(call.dtype("output_datatype", Element::f32)))};
}

}  // namespace

std::vector<Converter> signal_ops() {
  return {{"BlackmanWindow", blackman},     {"DFT", fourier},
          {"HammingWindow", hamming},       {"HannWindow", hann},
          {"MelWeightMatrix", mel_weights}, {"STFT", short_time_fourier}};
}

}  // namespace gradus::io::onnx
