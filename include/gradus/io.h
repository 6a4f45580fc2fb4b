// Arrays in files: safetensors, NPY and NPZ, read strictly and written reproducibly.
//
// Files come from strangers, so every length, offset and type is checked before it is used, and memory is
// taken only for what the file really holds. Element types Gradus lacks are widened without loss on reading:
// F16 and BF16 become f32; I8, I16 and U16 become i32; U32 and U64 become i64 (values of 2^63 and more are
// refused).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/tensor.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {
class GrowingFile;
}

namespace gradus::io {

// Arrays by name, in the order of their file.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

// Safetensors (github.com/huggingface/safetensors, "Format"): all tensors, in the header's order. Metadata is
// checked and dropped. Error (Fault::model), naming the file and the tensor: a header longer than the file or
// than 100 MB; JSON that is malformed, repeats a key or holds other keys than the format's; unknown element
// types; a byte range that does not match type and shape, leaves the file, overlaps another, or leaves a
// hole.
NamedTensors read_safetensors(const std::filesystem::path& path);
NamedTensors parse_safetensors(std::span<const std::byte> bytes, const std::string& where);

// The same tensors always give the same bytes: header keys and data in the order given, no metadata, the
// header padded with spaces to a multiple of 8. Error (Fault::model): repeated names, names that are no UTF-8
// or
// "__metadata__", undefined tensors; Fault::output when the file cannot be written.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors);
std::vector<std::byte> safetensors_bytes(const NamedTensors& tensors);

// NPY (numpy.lib.format, versions 1 to 3): one array of bool, integers or floats of at most 64 bits, either
// byte order, C or Fortran order (always row-major in memory). Error (Fault::data): structured, object, text,
// time and complex arrays; a header that is no such dictionary; more or fewer bytes than the shape needs.
Tensor read_npy(const std::filesystem::path& path);
Tensor parse_npy(std::span<const std::byte> bytes, const std::string& where);

// Version 1, little-endian, C order. Error (Fault::output) when the file cannot be written.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);
std::vector<std::byte> npy_bytes(const Tensor& tensor);

// NPZ: a ZIP archive (also ZIP64) of NPY members, stored or deflated, in the archive's order, names without
// ".npy". Error (Fault::data): other members, repeated names, encrypted or otherwise packed members, ranges
// that leave the file or overlap, wrong sizes or checksums, and what NPY refuses.
NamedTensors read_npz(const std::filesystem::path& path);
NamedTensors parse_npz(std::span<const std::byte> bytes, const std::string& where);

// How the members of an archive are kept.
enum class Packing { stored, deflated };

// Reproducible bytes: no time stamps. Error (Fault::data): empty or repeated names, undefined tensors,
// archives of 4 GiB and more; Fault::output when the file cannot be written.
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors,
               Packing packing = Packing::deflated);
std::vector<std::byte> npz_bytes(const NamedTensors& tensors, Packing packing = Packing::deflated);

// A file of scalars and histograms that TensorBoard shows (TensorFlow's tfrecord and event.proto). Makes the
// folder and in it a new file "events.out.tfevents.SECONDS.gradus", whatever others are there. Fault::output,
// here and later: what cannot be written.
class EventFile {
 public:
  explicit EventFile(const std::filesystem::path& dir);
  ~EventFile();

  const std::filesystem::path& path() const;
  void scalar(std::string_view tag, std::int64_t step, double value);
  // Of the finite elements, in buckets that widen by a tenth; nothing where there are none.
  void histogram(std::string_view tag, std::int64_t step, const Tensor& values);
  void flush();

 private:
  void write(const std::vector<std::byte>& record);

  std::unique_ptr<GrowingFile> file_;
};

}  // namespace gradus::io
#pragma GCC visibility pop
