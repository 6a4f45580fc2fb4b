#include "app/board/playground_engine.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/file.h"
#include "train/outputs.h"
#include "train/prepare.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kPlaneSize = 64;
constexpr double kMargin = 0.12;  // of the plane, beside the examples

// An upload as the file that readers take; gone at the end.
class CsvFile {
 public:
  explicit CsvFile(const std::string& text) {
    if (text.empty()) return;
    static std::atomic<int> number{0};
    path_ = fs::temp_directory_path() /
            ("gradus-playground-" + std::to_string(::getpid()) + "-" + std::to_string(number++) + ".csv");
    write_file(path_, text);
  }
  ~CsvFile() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

train::Prepared prepared(const PlaygroundSettings& settings) {
  const CsvFile file(settings.csv);
  try {
    return train::prepare(playground_run(settings, file.path()));
  } catch (const Error& error) {
    if (file.path().empty()) throw;
    throw Error(replaced(error.what(), file.path().string(), "upload.csv"), error.fault());
  }
}

Values wanted_of(const train::LookedStep& step) {
  Values wanted;
  for (const train::LookedLayer& layer : step.layers) wanted.push_back(layer.y);
  wanted.insert(wanted.end(), step.dy.begin(), step.dy.end());
  wanted.insert(wanted.end(), step.dw.begin(), step.dw.end());
  return wanted;
}

}  // namespace

StepLook::StepLook(const train::Prepared& run, const train::LookedBatch& batch)
    : step(run, batch), session(train::session_of(step.graph, wanted_of(step), run, batch)) {
  const std::vector<Tensor>& outputs = session.outputs();
  const auto layers = static_cast<std::ptrdiff_t>(step.layers.size());
  const auto parameters = static_cast<std::ptrdiff_t>(step.parameters.size());
  const auto first = outputs.end() - (2 * layers + parameters);
  y.assign(first, first + layers);
  dy.assign(first + layers, first + 2 * layers);
  dw.assign(first + 2 * layers, outputs.end());
}

void StepLook::look(const train::LookedBatch& batch, std::int64_t number) {
  session.feed(0, batch.x);
  session.feed(1, batch.y);
  if (batch.weight.defined()) session.feed(2, batch.weight);
  step.counter.value().values<std::int64_t>()[1] = number;
  session.run();
}

PlaygroundEngine::PlaygroundEngine(const PlaygroundSettings& settings)
    : run_(prepared(settings)), stepper_(std::make_unique<train::Stepper>(run_)) {
  stepper_->start_at(0);
  const nn::LossSettings loss = train::scoring_loss(run_.config);
  scorer_.emplace(run_.model, loss, run_.config.threads);
  viewer_.emplace(run_.model, loss, run_.config.threads);
  make_plane();
}

void PlaygroundEngine::step() { stepper_->step(); }

const train::LookedBatch& PlaygroundEngine::batch() {
  look();
  return *batch_;
}

StepLook& PlaygroundEngine::look() {
  if (looked_at_ == position()) return looks_.at(batch_->examples);
  batch_ = train::batch_of_step(run_, position());
  auto found = looks_.find(batch_->examples);
  if (found == looks_.end())
    found = looks_
                .emplace(std::piecewise_construct, std::forward_as_tuple(batch_->examples),
                         std::forward_as_tuple(run_, *batch_))
                .first;
  found->second.look(*batch_, position());
  looked_at_ = position();
  return found->second;
}

// The plane of the first two features, the others at their mean.
void PlaygroundEngine::make_plane() {
  const Tensor& x = run_.parts.train.x;
  const std::int64_t n = x.shape()[0], features = x.size() / n;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low[2] = {kInfinity, kInfinity}, high[2] = {-kInfinity, -kInfinity};
  std::vector<double> mean(static_cast<std::size_t>(features));
  const auto widen = [&](const Tensor& points) {
    for (std::int64_t i = 0; i < points.size(); ++i) {
      if (const std::int64_t axis = i % features; axis < 2) {
        low[axis] = std::min(low[axis], points.at(i));
        high[axis] = std::max(high[axis], points.at(i));
      }
    }
  };
  widen(x);
  if (run_.parts.test) widen(run_.parts.test->x);
  for (std::int64_t i = 0; i < x.size(); ++i)
    mean[static_cast<std::size_t>(i % features)] += x.at(i) / static_cast<double>(n);
  for (int axis = 0; axis < 2; ++axis) {
    const double margin = high[axis] > low[axis] ? kMargin * (high[axis] - low[axis]) : 1;
    low[axis] -= margin, high[axis] += margin;
  }
  plane_.size = kPlaneSize;
  plane_.x0 = low[0], plane_.x1 = high[0], plane_.y0 = low[1], plane_.y1 = high[1];
  Tensor points(x.dtype(), Shape{kPlaneSize * kPlaneSize, features});
  const auto at = [&](int axis, std::int64_t k) {
    return low[axis] + (high[axis] - low[axis]) * (static_cast<double>(k) + 0.5) / kPlaneSize;
  };
  for (std::int64_t i = 0; i < points.size(); ++i) {
    const std::int64_t point = i / features, axis = i % features;
    points.set(i, axis == 0   ? at(0, point % kPlaneSize)
                  : axis == 1 ? at(1, point / kPlaneSize)
                              : mean[static_cast<std::size_t>(axis)]);
  }
  plane_points_.x = points;
  plane_points_.kind = run_.parts.train.kind;
}

const PlaneView& PlaygroundEngine::plane() {
  if (plane_at_ == position()) return plane_;
  plane_at_ = position();
  plane_.values.clear();
  plane_.classes.clear();
  const bool classes = run_.model.kind == data::Kind::classes && nn::find_loss(run_.model.loss).classifies;
  viewer_->outputs(plane_points_, [&](const Tensor& output, const data::Batch& batch) {
    if (!classes) {
      const std::int64_t width = output.size() / batch.size;
      for (std::int64_t i = 0; i < batch.size; ++i) plane_.values.push_back(output.at(i * width));
      return;
    }
    const Tensor probabilities = train::probabilities_of(output, run_.model);
    const std::vector<std::int64_t> likeliest = train::largest_of(probabilities);
    const std::int64_t width = probabilities.shape()[1];
    for (std::int64_t i = 0; i < batch.size; ++i) {
      const std::int64_t best = likeliest[static_cast<std::size_t>(i)];
      plane_.classes.push_back(best);
      plane_.values.push_back(probabilities.at(i * width + best));
    }
  });
  return plane_;
}

train::Explanation PlaygroundEngine::explain() const {
  return train::explain(run_, *stepper_, {.full_size = std::numeric_limits<std::int64_t>::max()});
}

}  // namespace gradus::board
