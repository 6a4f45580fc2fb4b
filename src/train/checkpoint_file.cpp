#include "train/checkpoint_file.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/inflate.h"
#include "gradus/io.h"
#include "tensor/finite.h"

namespace gradus::train {

namespace {

using Json = nlohmann::json;

constexpr const char* kBest = "best/";
constexpr const char* kGood = "good/";
constexpr const char* kConfig = "run.toml";
constexpr const char* kState = "run.json";
constexpr const char* kChecksums = "checksums";

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }
double number(const Json& value, double absent) { return value.is_null() ? absent : value.get<double>(); }

std::string to_json(const RunState& s) {
  return Json{{"step", s.step},
              {"sampler", {{"epoch", s.place.epoch}, {"batch", s.place.batch}}},
              {"random", {{"seed", s.place.seed}, {"counter", s.place.counter}}},
              {"seconds", s.seconds},
              {"average", s.average},
              {"epoch_loss", s.epoch_loss},
              {"epoch_seconds", s.epoch_seconds},
              {"epoch_correct", s.epoch_correct},
              {"epoch_examples", s.epoch_examples},
              {"best_loss", number(s.best_loss)},
              {"best_step", s.best_step},
              {"best_epoch", s.best_epoch},
              {"epochs_without_gain", s.epochs_without_gain},
              {"stopped_early", s.stopped_early},
              {"left_out", s.left_out},
              {"left_out_in_a_row", s.left_out_in_a_row},
              {"rollbacks", s.rollbacks},
              {"good_step", s.good_step},
              {"schedule", s.schedule},
              {"lr", s.lr ? Json(*s.lr) : Json(nullptr)}}
      .dump();
}

RunState state_from(const Json& json) {
  RunState s;
  s.step = json.at("step").get<std::int64_t>();
  s.place = {.epoch = json.at("sampler").at("epoch").get<std::int64_t>(),
             .batch = json.at("sampler").at("batch").get<std::int64_t>(),
             .seed = json.at("random").at("seed").get<std::uint64_t>(),
             .counter = json.at("random").at("counter").get<std::int64_t>()};
  s.seconds = json.at("seconds").get<double>();
  s.average = json.at("average").get<double>();
  s.epoch_loss = json.at("epoch_loss").get<double>();
  s.epoch_seconds = json.at("epoch_seconds").get<double>();
  s.epoch_correct = json.at("epoch_correct").get<std::int64_t>();
  s.epoch_examples = json.at("epoch_examples").get<std::int64_t>();
  s.best_loss = number(json.at("best_loss"), s.best_loss);
  s.best_step = json.at("best_step").get<std::int64_t>();
  s.best_epoch = json.at("best_epoch").get<std::int64_t>();
  s.epochs_without_gain = json.at("epochs_without_gain").get<std::int64_t>();
  s.stopped_early = json.at("stopped_early").get<bool>();
  s.left_out = json.at("left_out").get<std::int64_t>();
  s.left_out_in_a_row = json.at("left_out_in_a_row").get<std::int64_t>();
  s.rollbacks = json.at("rollbacks").get<std::int64_t>();
  s.good_step = json.at("good_step").get<std::int64_t>();
  for (const Json& value : json.at("schedule"))
    s.schedule.push_back(number(value, std::numeric_limits<double>::infinity()));
  if (!json.at("lr").is_null()) s.lr = json.at("lr").get<double>();
  return s;
}

Tensor text_section(const std::string& text) {
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  return Tensor::of(Shape{static_cast<std::int64_t>(text.size())}, bytes);
}

std::string text_of(const Tensor& section, const std::string& name, const std::string& where) {
  require(Fault::model, section.dtype() == DType::u8, "{}: '{}' must be u8, it is {}.", where, name,
          section.type().str());
  const auto bytes = section.values<std::uint8_t>();
  return {bytes.begin(), bytes.end()};
}

// Two halves, so that the bytes of a large section are read once and not copied.
std::int64_t checksum(const std::string& name, const Tensor& section) {
  const std::string label = fmt::format("{} {}", name, section.type().str());
  const std::uint64_t head = crc32(std::as_bytes(std::span(label)));
  return static_cast<std::int64_t>(head << 32 | crc32({section.data(), section.byte_size()}));
}

void require_healthy(const io::NamedTensors& sections) {
  for (const auto& [name, tensor] : sections) {
    require(Fault::diverged, all_finite(tensor),
            "checkpoint: all numbers must be finite, '{}' has a NaN or infinity. It was not written.", name);
  }
}

// Takes the last section off and holds the others against it.
void check_sums(io::NamedTensors& sections, const std::string& where) {
  require(Fault::model, !sections.empty() && sections.back().first == kChecksums,
          "{}: a last section '{}' was needed; it is damaged, or no checkpoint.", where, kChecksums);
  const Tensor sums = std::move(sections.back().second);
  sections.pop_back();
  const Type needed{DType::i64, Shape{static_cast<std::int64_t>(sections.size())}};
  require(Fault::model, sums.type() == needed, "{}: '{}' must be {}, it is {}. The file is damaged.", where,
          kChecksums, needed.str(), sums.type().str());
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::int64_t found = checksum(sections[i].first, sections[i].second);
    const std::int64_t written = sums.values<std::int64_t>()[i];
    require(Fault::model, found == written,
            "{}: section '{}' is damaged: its checksum is {:016x}, {:016x} was written.", where,
            sections[i].first, static_cast<std::uint64_t>(found), static_cast<std::uint64_t>(written));
  }
}

}  // namespace

std::vector<std::byte> checkpoint_bytes(const Checkpoint& checkpoint) {
  io::NamedTensors sections = checkpoint.variables;
  for (const auto& [name, tensor] : checkpoint.best) sections.emplace_back(kBest + name, tensor);
  for (const auto& [name, tensor] : checkpoint.good) sections.emplace_back(kGood + name, tensor);
  require_healthy(sections);
  sections.emplace_back(kConfig, text_section(checkpoint.config));
  sections.emplace_back(kState, text_section(to_json(checkpoint.state)));
  std::vector<std::int64_t> sums;
  for (const auto& [name, tensor] : sections) sums.push_back(checksum(name, tensor));
  const Shape shape{static_cast<std::int64_t>(sums.size())};
  sections.emplace_back(kChecksums, Tensor::of(shape, std::span<const std::int64_t>(sums)));
  return io::safetensors_bytes(sections);
}

Checkpoint parse_checkpoint(std::span<const std::byte> bytes, const std::string& where) {
  io::NamedTensors sections = io::parse_safetensors(bytes, where);
  check_sums(sections, where);
  return checkpoint_of(sections, where);
}

Checkpoint checkpoint_of(const io::NamedTensors& sections, const std::string& where) {
  Checkpoint checkpoint;
  bool found = false;
  for (const auto& [name, tensor] : sections) {
    if (name == kConfig) {
      checkpoint.config = text_of(tensor, name, where);
    } else if (name == kState) {
      try {
        checkpoint.state = state_from(Json::parse(text_of(tensor, name, where)));
      } catch (const Json::exception& error) {
        fail(Fault::model, "{}: '{}' cannot be read: {}.", where, name, error.what());
      }
      found = true;
    } else if (name.starts_with(kBest)) {
      checkpoint.best.emplace_back(name.substr(std::string_view(kBest).size()), tensor);
    } else if (name.starts_with(kGood)) {
      checkpoint.good.emplace_back(name.substr(std::string_view(kGood).size()), tensor);
    } else {
      checkpoint.variables.emplace_back(name, tensor);
    }
  }
  require(Fault::model, found, "{}: '{}' was needed, the file has no such section.", where, kState);
  return checkpoint;
}

}  // namespace gradus::train
