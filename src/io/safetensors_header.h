// The JSON header of a safetensors file, its form checked, its numbers not yet.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::io {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> data_offsets;  // begin and end
};

// The entries in the header's order. Error (Fault::model): no valid JSON, a repeated key, a missing or
// unknown key, a value of another kind than the format's.
std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json, const std::string& where);

}  // namespace gradus::io
