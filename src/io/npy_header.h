// The header of an NPY array: a Python dictionary written as text (numpy.lib.format).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/decode.h"

namespace gradus::io {

struct NpyHeader {
  Stored stored = Stored::f32;
  bool big_endian = false;
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::size_t data_offset = 0;
};

// Error (Fault::data): see parse_npy in gradus/io.h. The shape is not compared with the data here.
NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& where);

}  // namespace gradus::io
