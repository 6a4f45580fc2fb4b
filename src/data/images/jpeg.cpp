// JPEG by libjpeg, whose errors jump: what they jump over are functions without destructors.
// libjpeg's headers need others before them.
// clang-format off
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include "base/check.h"
#include "data/images/image.h"

namespace gradus::data {
namespace {

constexpr int kMaxScans = 500;  // a progressive file of many more is made to take long

// libjpeg's parts, and where its errors end. Plain, so that a jump skips nothing.
struct Decoder {
  jpeg_decompress_struct jpeg;
  jpeg_error_mgr errors;
  jpeg_progress_mgr progress;
  std::jmp_buf end;
  char message[JMSG_LENGTH_MAX];
};

Decoder& decoder_of(j_common_ptr jpeg) { return *static_cast<Decoder*>(jpeg->client_data); }

[[noreturn]] void stop(j_common_ptr jpeg) {
  jpeg->err->format_message(jpeg, decoder_of(jpeg).message);
  std::longjmp(decoder_of(jpeg).end, 1);
}

// A warning tells of damage, which libjpeg would paint over; but for a few that cost nothing.
void warn(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  const bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR;
  if (level < 0 && !harmless) stop(jpeg);
}

void print_nothing(j_common_ptr) {}

void watch(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxScans) return;
  std::snprintf(decoder_of(jpeg).message, JMSG_LENGTH_MAX, "more than %d scans", kMaxScans);
  std::longjmp(decoder_of(jpeg).end, 1);
}

// These are false where an error ended them.
bool start(Decoder& decoder, const unsigned char* file, unsigned long size) {
  if (setjmp(decoder.end) != 0) return false;
  decoder.jpeg.err = jpeg_std_error(&decoder.errors);
  decoder.jpeg.client_data = &decoder;
  decoder.errors.error_exit = stop;
  decoder.errors.emit_message = warn;
  decoder.errors.output_message = print_nothing;
  jpeg_create_decompress(&decoder.jpeg);
  decoder.progress.progress_monitor = watch;
  decoder.jpeg.progress = &decoder.progress;
  jpeg_mem_src(&decoder.jpeg, file, size);
  jpeg_read_header(&decoder.jpeg, TRUE);
  return true;
}

bool decode(Decoder& decoder, unsigned char* pixels, std::size_t row_bytes) {
  if (setjmp(decoder.end) != 0) return false;
  jpeg_start_decompress(&decoder.jpeg);
  while (decoder.jpeg.output_scanline < decoder.jpeg.output_height) {
    unsigned char* row = pixels + decoder.jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&decoder.jpeg, &row, 1);
  }
  jpeg_finish_decompress(&decoder.jpeg);
  return true;
}

class Reader {
 public:
  Reader(std::span<const std::byte> file, const std::string& where) : where_(where) {
    if (start(decoder_, reinterpret_cast<const unsigned char*>(file.data()), file.size())) return;
    jpeg_destroy_decompress(&decoder_.jpeg);
    refuse();
  }
  ~Reader() { jpeg_destroy_decompress(&decoder_.jpeg); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ImageInfo info() const {
    return {decoder_.jpeg.image_height, decoder_.jpeg.image_width, decoder_.jpeg.num_components != 1};
  }

  Image read() {
    Image image{decoder_.jpeg.image_height, decoder_.jpeg.image_width, info().colour ? 3 : 1, {}};
    decoder_.jpeg.out_color_space = info().colour ? JCS_RGB : JCS_GRAYSCALE;  // refuses CMYK
    image.pixels.resize(static_cast<std::size_t>(image.height * image.width * image.channels));
    if (!decode(decoder_, image.pixels.data(), static_cast<std::size_t>(image.width * image.channels)))
      refuse();
    return image;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(Fault::data, "{}: it cannot be read as JPEG: {}. Replace or remove the file.", where_,
         static_cast<const char*>(decoder_.message));
  }

  const std::string& where_;
  Decoder decoder_ = {};
};

}  // namespace

ImageInfo read_jpeg_header(std::span<const std::byte> file, const std::string& where) {
  return Reader(file, where).info();
}

Image decode_jpeg(std::span<const std::byte> file, const std::string& where) {
  Reader reader(file, where);
  check_extents(reader.info(), where);
  return reader.read();
}

}  // namespace gradus::data
