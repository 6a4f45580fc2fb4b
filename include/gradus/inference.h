// A trained model in use: loaded once, asked from any number of threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "gradus/train.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

struct PredictorOptions {
  std::int64_t batch_size = 64;  // examples computed at once; larger arrays go through in pieces
  std::int64_t threads = 1;      // of one call; calls in different threads run beside each other anyway
};

// Threads may share one: each call has a Session of its own for as long as it lasts, and all read the same
// weights. A call locks only to take a session and to give it back; when all are in use it makes one more, so
// there are as many as there were calls at the same time. The answers do not depend on who else asks.
class Predictor {
 public:
  // A run's folder. Fault::model: files missing or unreadable.
  explicit Predictor(const std::filesystem::path& dir, const PredictorOptions& options = {});
  // Keeps a handle to the model's variables, which must not be changed while it lives.
  explicit Predictor(Model model, const PredictorOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  // The network's raw output [N, ...] for x [N, ...] or one example, in the data's own units: u8 pixels are
  // divided by 255, and the model's standardization or normalization is applied. Fault::data: another shape.
  Tensor run(const Tensor& x) const;
  // The same with what it says: classes, probabilities, names.
  Predictions predict(const Tensor& x) const;

  const Model& model() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gradus::train
#pragma GCC visibility pop
