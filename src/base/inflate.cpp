#include "base/inflate.h"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace gradus {
namespace {

constexpr int kRawDeflate = -MAX_WBITS;  // zlib's code for a stream without header and checksum
constexpr int kGzip = 16 + MAX_WBITS;    // and for one with gzip's
constexpr std::size_t kMaxRatio = 1032;  // deflate's best: 258 bytes from two bits
constexpr std::size_t kChunk = std::size_t{1} << 18;

// zlib counts in 32 bits, so long input goes in by pieces.
void feed(z_stream& stream, std::span<const std::byte>& rest) {
  if (stream.avail_in > 0) return;
  const std::size_t size = std::min<std::size_t>(rest.size(), std::numeric_limits<uInt>::max());
  stream.next_in = reinterpret_cast<const Bytef*>(rest.data());
  stream.avail_in = static_cast<uInt>(size);
  rest = rest.subspan(size);
}

void offer(z_stream& stream, std::byte* room, std::size_t size) {
  stream.next_out = reinterpret_cast<Bytef*>(room);
  stream.avail_out = static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

struct Inflater {
  z_stream stream{};
  explicit Inflater(int window_bits) { GRADUS_CHECK(inflateInit2(&stream, window_bits) == Z_OK); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  const char* problem() const { return stream.msg != nullptr ? stream.msg : "unexpected data"; }
};

}  // namespace

bool is_gzip(std::span<const std::byte> bytes) {
  return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b};
}

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& where,
                              std::size_t max_bytes) {
  require(Fault::data, is_gzip(bytes), "{}: this is no gzip data (it does not start with the bytes 1f 8b).",
          where);
  Inflater inflater(kGzip);
  z_stream& stream = inflater.stream;
  std::vector<std::byte> content;
  std::vector<std::byte> chunk(kChunk);
  std::span<const std::byte> rest = bytes;
  for (;;) {
    feed(stream, rest);
    offer(stream, chunk.data(), chunk.size());
    const int status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t count = chunk.size() - stream.avail_out;
    require(Fault::data, count <= max_bytes - content.size(), "{}: the unpacked data exceeds {} bytes.",
            where, max_bytes);
    content.insert(content.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    if (status == Z_STREAM_END) {
      rest = bytes.last(stream.avail_in + rest.size());
      if (std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; }))
        return content;
      require(Fault::data, is_gzip(rest), "{}: {} bytes that are no gzip data follow the gzip data.", where,
              rest.size());
      stream.avail_in = 0;
      GRADUS_CHECK(inflateReset(&stream) == Z_OK);
    } else if (status == Z_OK || status == Z_BUF_ERROR) {
      const bool starved = stream.avail_in == 0 && rest.empty() && stream.avail_out > 0;
      require(Fault::data, !starved, "{}: the gzip data ends early (truncated file?).", where);
    } else {
      fail(Fault::data, "{}: the gzip data is damaged ({}).", where, inflater.problem());
    }
  }
}

std::vector<std::byte> inflate_raw(std::span<const std::byte> bytes, std::size_t expected,
                                   const std::string& where) {
  require(Fault::data, expected / kMaxRatio <= bytes.size(),
          "{}: {} compressed bytes cannot hold the {} bytes announced.", where, bytes.size(), expected);
  Inflater inflater(kRawDeflate);
  z_stream& stream = inflater.stream;
  std::vector<std::byte> content(expected + 1);  // room for one byte too many shows a stream that is too long
  std::span<const std::byte> rest = bytes;
  std::size_t filled = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    feed(stream, rest);
    offer(stream, content.data() + filled, content.size() - filled);
    const uInt room = stream.avail_out;
    status = inflate(&stream, Z_NO_FLUSH);
    filled += room - stream.avail_out;
  }
  require(Fault::data, filled <= expected, "{}: the unpacked data exceeds the {} bytes announced.", where,
          expected);
  require(Fault::data, status != Z_BUF_ERROR, "{}: the compressed data ends early (truncated file?).", where);
  require(Fault::data, status == Z_STREAM_END, "{}: the compressed data is damaged ({}).", where,
          inflater.problem());
  require(Fault::data, filled == expected, "{}: {} bytes were announced, the compressed data holds {}.",
          where, expected, filled);
  const std::size_t unused = stream.avail_in + rest.size();
  require(Fault::data, unused == 0, "{}: {} bytes follow the end of the compressed data.", where, unused);
  content.resize(expected);
  return content;
}

std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes, int level) {
  z_stream stream{};
  GRADUS_CHECK(deflateInit2(&stream, level, Z_DEFLATED, kRawDeflate, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::vector<std::byte> packed(deflateBound(&stream, bytes.size()));
  std::span<const std::byte> rest = bytes;
  std::size_t filled = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    feed(stream, rest);
    offer(stream, packed.data() + filled, packed.size() - filled);
    const uInt room = stream.avail_out;
    status = deflate(&stream, rest.empty() ? Z_FINISH : Z_NO_FLUSH);
    filled += room - stream.avail_out;
  }
  deflateEnd(&stream);
  GRADUS_CHECK(status == Z_STREAM_END);
  packed.resize(filled);
  return packed;
}

std::uint32_t crc32(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace gradus
