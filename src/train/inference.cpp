#include "gradus/inference.h"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "gradus/compile.h"
#include "train/programs.h"
#include "train/use_model.h"

namespace gradus::train {

struct Predictor::State {
  State(Model m, const PredictorOptions& o) : model(std::move(m)), options(o) {
    require(Fault::usage, o.batch_size >= 1, "predictor: batch_size must be at least 1, it is {}.",
            o.batch_size);
    require(Fault::usage, o.threads >= 0, "predictor: threads must be at least 0, it is {}.", o.threads);
    // The first session moves the weights; those that threads make later find them in their place.
    give_back(options.batch_size, take(options.batch_size));
  }

  // A session for so many examples, which nobody else uses until it is given back.
  Session take(std::int64_t size) {
    const std::lock_guard held(mutex);
    std::vector<Session>& list = idle[size];
    if (list.empty()) return Session(program(size));
    Session session = std::move(list.back());
    list.pop_back();
    return session;
  }

  void give_back(std::int64_t size, Session session) {
    const std::lock_guard held(mutex);
    idle[size].push_back(std::move(session));
  }

  const std::shared_ptr<const Program>& program(std::int64_t size) {
    std::shared_ptr<const Program>& known = programs[size];
    if (!known) {
      Graph graph;
      const Value x = input(graph, {model.network.dtype, room(size)}, "x");
      graph.output(model.network(x, {.training = false}), "output");
      known = compile(graph, {.threads = static_cast<int>(options.threads)});
    }
    return known;
  }

  Shape room(std::int64_t size) const {
    std::vector<std::int64_t> extents = model.network.input.list();
    extents.insert(extents.begin(), size);
    return Shape(extents);
  }

  // A few sizes serve all: the full one, and powers of 2 for what is left. The rows that are too many hold
  // what the last call left there.
  std::int64_t size_for(std::int64_t examples) const {
    const auto power = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(examples)));
    return std::min(power, options.batch_size);
  }

  const Model model;
  const PredictorOptions options;
  std::mutex mutex;
  // Under the mutex, by batch size:
  std::map<std::int64_t, std::shared_ptr<const Program>> programs;
  std::map<std::int64_t, std::vector<Session>> idle;
};

Predictor::Predictor(const std::filesystem::path& dir, const PredictorOptions& options)
    : Predictor(load_model(dir), options) {}
Predictor::Predictor(Model model, const PredictorOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const Model& Predictor::model() const { return state_->model; }

Tensor Predictor::run(const Tensor& x) const {
  const data::Dataset data = examples_of(state_->model, x, "predictor");
  const std::int64_t count = data.size();
  Tensor result = room_for_outputs(state_->model, count);
  data::Loader loader(data, {.batch_size = std::min(state_->options.batch_size, count),
                             .shuffle = false,
                             .dtype = state_->model.network.dtype,
                             .prefetch = 0});
  for (std::int64_t done = 0; done < count;) {
    const data::Batch& batch = loader.next();
    const std::int64_t size = state_->size_for(batch.size);
    Session session = state_->take(size);
    session.input(0).rows(0, batch.size).copy_from(batch.x);
    session.run();
    result.rows(done, done + batch.size).copy_from(session.output(0).rows(0, batch.size));
    state_->give_back(size, std::move(session));
    done += batch.size;
  }
  return result;
}

Predictions Predictor::predict(const Tensor& x) const { return read_outputs(state_->model, run(x)); }

}  // namespace gradus::train
