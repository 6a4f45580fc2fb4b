// TensorBoard's event files: records of protocol buffers, each behind its length and checksums.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/file.h"
#include "gradus/io.h"
#include "io/bytes.h"
#include "io/crc32c.h"

namespace gradus::io {

namespace {

using Bytes = std::vector<std::byte>;

// Fields of protocol buffers: a key, which is number and wire type, and the value.
enum Wire : std::uint8_t { varint = 0, fixed64 = 1, delimited = 2, fixed32 = 5 };

void append_varint(Bytes& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) append(bytes, static_cast<std::uint8_t>(value | 0x80));
  append(bytes, static_cast<std::uint8_t>(value));
}
void append_key(Bytes& bytes, int field, Wire wire) {
  append_varint(bytes, static_cast<std::uint64_t>(field) << 3 | wire);
}
void append_double(Bytes& bytes, int field, double value) {
  append_key(bytes, field, fixed64);
  append(bytes, value);
}
void append_text(Bytes& bytes, int field, std::string_view text) {
  append_key(bytes, field, delimited);
  append_varint(bytes, text.size());
  io::append_text(bytes, text);
}
void append_message(Bytes& bytes, int field, const Bytes& message) {
  append_text(bytes, field, as_text(message));
}
void append_doubles(Bytes& bytes, int field, const std::vector<double>& values) {
  append_key(bytes, field, delimited);
  append_varint(bytes, values.size() * sizeof(double));
  for (const double v : values) append(bytes, v);
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Event { wall_time = 1, step = 2 }.
Bytes event(std::int64_t step) {
  Bytes bytes;
  append_double(bytes, 1, now());
  append_key(bytes, 2, varint);
  append_varint(bytes, static_cast<std::uint64_t>(step));
  return bytes;
}

// Event { summary = 5 }, Summary { value = 1 }, Value { tag = 1, ... }.
Bytes event_of(std::int64_t step, std::string_view tag, const Bytes& content) {
  Bytes value;
  append_text(value, 1, tag);
  append_bytes(value, content);
  Bytes summary;
  append_message(summary, 1, value);
  Bytes bytes = event(step);
  append_message(bytes, 5, summary);
  return bytes;
}

// What TensorFlow's histograms have: a tenth wider from one to the next, both ways from 0.
const std::vector<double>& bucket_limits() {
  static const std::vector<double> limits = [] {
    std::vector<double> positive;
    for (double v = 1e-12; v < 1e20; v *= 1.1) positive.push_back(v);
    std::vector<double> all;
    for (std::size_t i = positive.size(); i-- > 0;) all.push_back(-positive[i]);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    all.push_back(std::numeric_limits<double>::max());
    return all;
  }();
  return limits;
}

// HistogramProto { min = 1, max = 2, num = 3, sum = 4, sum_squares = 5, bucket_limit = 6, bucket = 7 }.
Bytes histogram_of(const std::vector<double>& values) {
  const std::vector<double>& limits = bucket_limits();
  std::vector<double> counts(limits.size());
  double sum = 0, squares = 0;
  std::size_t first = limits.size(), last = 0;
  for (const double x : values) {
    const auto limit = std::upper_bound(limits.begin(), limits.end(), x);
    const auto i = std::min(static_cast<std::size_t>(limit - limits.begin()), limits.size() - 1);
    ++counts[i];
    first = std::min(first, i);
    last = std::max(last, i);
    sum += x;
    squares += x * x;
  }
  // An empty bucket in front gives the first one its lower limit.
  if (first > 0) --first;
  const auto part = [&](const std::vector<double>& list) {
    return std::vector(list.begin() + static_cast<std::ptrdiff_t>(first),
                       list.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  };
  Bytes bytes;
  append_double(bytes, 1, *std::min_element(values.begin(), values.end()));
  append_double(bytes, 2, *std::max_element(values.begin(), values.end()));
  append_double(bytes, 3, static_cast<double>(values.size()));
  append_double(bytes, 4, sum);
  append_double(bytes, 5, squares);
  append_doubles(bytes, 6, part(limits));
  append_doubles(bytes, 7, part(counts));
  return bytes;
}

std::uint32_t masked_crc(std::span<const std::byte> bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

// Names begin with the second, so that files of one folder sort by age; no file is written again.
std::filesystem::path free_name(const std::filesystem::path& dir) {
  const std::string name =
      fmt::format("events.out.tfevents.{:010d}.gradus", static_cast<std::int64_t>(now()));
  std::filesystem::path path = dir / name;
  for (int i = 1; std::filesystem::exists(path); ++i) path = dir / fmt::format("{}.{}", name, i);
  return path;
}

}  // namespace

EventFile::EventFile(const std::filesystem::path& dir) {
  make_folder(dir);
  file_ = std::make_unique<GrowingFile>(free_name(dir));
  Bytes bytes;
  append_double(bytes, 1, now());
  append_text(bytes, 3, "brain.Event:2");
  write(bytes);
}
EventFile::~EventFile() = default;

const std::filesystem::path& EventFile::path() const { return file_->path(); }

void EventFile::scalar(std::string_view tag, std::int64_t step, double value) {
  Bytes content;
  append_key(content, 2, fixed32);
  append(content, static_cast<float>(value));
  write(event_of(step, tag, content));
}

void EventFile::histogram(std::string_view tag, std::int64_t step, const Tensor& values) {
  std::vector<double> finite;
  for (std::int64_t i = 0; i < values.size(); ++i)
    if (const double x = values.at(i); std::isfinite(x)) finite.push_back(x);
  if (finite.empty()) return;
  Bytes content;
  append_message(content, 5, histogram_of(finite));
  write(event_of(step, tag, content));
}

void EventFile::flush() { file_->flush(); }

// Length, its checksum, the record, its checksum.
void EventFile::write(const Bytes& record) {
  Bytes bytes;
  append(bytes, static_cast<std::uint64_t>(record.size()));
  append(bytes, masked_crc(bytes));
  append_bytes(bytes, record);
  append(bytes, masked_crc(record));
  file_->write(bytes);
}

}  // namespace gradus::io
