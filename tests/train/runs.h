// Small runs for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <utility>

#include "gradus/train.h"

namespace gradus::train {

// Settings as a command line gives them: {{"data", "make_moons"}, {"lr", "0.1"}}.
inline RunConfig config_of(std::initializer_list<std::pair<const char*, std::string>> settings) {
  RunConfig config;
  for (const auto& [key, value] : settings) set_from_text(config, key, value);
  return config;
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

// A two-layer network written out, small enough for quick tests.
inline nn::ModelSpec small_mlp(const std::string& activation = "tanh", std::int64_t outputs = 2) {
  return nn::parse_model(
      "layers = [{ dense = 16 }, \"" + activation + "\", { dense = " + std::to_string(outputs) + " }]",
      "small.toml");
}

}  // namespace gradus::train
