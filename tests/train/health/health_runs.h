// Small runs whose health is looked at.
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/philox.h"
#include "gradus/error.h"
#include "gradus/io.h"
#include "train/runs.h"

namespace gradus::train {

// What a run told. One that diverges tells it, too.
inline std::vector<Finding> findings_of(const RunConfig& config) {
  std::vector<Finding> found;
  Events events;
  events.finding = [&](const Finding& finding) { found.push_back(finding); };
  try {
    train(config, events);
  } catch (const Error& error) {
    if (error.fault() != Fault::diverged) throw;
  }
  return found;
}

inline std::set<std::string> rules_of(const RunConfig& config) {
  std::set<std::string> rules;
  for (const Finding& finding : findings_of(config)) rules.insert(finding.rule);
  return rules;
}

// A run of 200 steps, each twentieth looked at.
inline RunConfig watched(std::initializer_list<std::pair<const char*, std::string>> settings,
                         const std::string& layers = "") {
  RunConfig config = config_of(settings);
  if (!config.steps && !config.epochs) config.steps = 200;
  config.health_every = 20;
  config.threads = 1;
  if (!layers.empty()) config.layers = nn::parse_model("layers = [" + layers + "]", "watched.toml");
  return config;
}

inline Tensor random_numbers(const Shape& shape, double scale, std::uint32_t stream) {
  Tensor x(DType::f32, shape);
  const RandomSequence random(7, stream);
  for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, scale * random.normal(static_cast<std::uint64_t>(i)));
  return x;
}

// Two classes that the sign of the first column tells apart; `relabel` may change the label of a row.
template <class Label>
std::string write_table(const std::filesystem::path& file, std::int64_t rows, double scale, Label label) {
  const Tensor x = random_numbers({rows, 4}, scale, 1);
  Tensor y(DType::i64, {rows});
  for (std::int64_t i = 0; i < rows; ++i) y.set(i, static_cast<double>(label(i, x)));
  io::write_npz(file, {{"x", x}, {"y", y}});
  return "npz:" + file.string();
}
inline std::int64_t sign_of_first(std::int64_t row, const Tensor& x) { return x.at(4 * row) > 0 ? 1 : 0; }

// Images of noise with a bright bar, lying (0) or standing (1).
inline std::string write_bars(const std::filesystem::path& file, std::int64_t n) {
  Tensor x = random_numbers({n, 1, 8, 8}, 0.3, 2);
  Tensor y(DType::i64, {n});
  for (std::int64_t i = 0; i < n; ++i) {
    y.set(i, static_cast<double>(i % 2));
    for (std::int64_t j = 0; j < 8; ++j) {
      const std::int64_t line = i / 2 % 8, at = i % 2 ? 8 * j + line : 8 * line + j;
      x.set(64 * i + at, 1.0);
    }
  }
  io::write_npz(file, {{"x", x}, {"y", y}});
  return "npz:" + file.string();
}

}  // namespace gradus::train
