#include "train/whole_batch.h"

#include <algorithm>
#include <cstring>

#include "runtime/arena.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

data::Batch inputs_of(const Session& session) {
  return {.x = session.input(0),
          .y = session.input(1),
          .weight = session.inputs() > 2 ? session.input(2) : Tensor()};
}

}  // namespace

double weight_of(const data::Batch& batch) {
  if (!batch.weight.defined()) return static_cast<double>(batch.size);
  double weight = 0;
  for (std::int64_t i = 0; i < batch.size; ++i) weight += batch.weight.at(i);
  return weight;
}

WholeBatch::WholeBatch(const Prepared& run, const Update& update, const Variable& counter,
                       std::size_t workspace_bytes)
    : batch_size_(batch_size(run)) {
  const RunConfig& c = run.config;
  const std::int64_t rest = run.parts.train.size() % batch_size_;
  if (c.accumulate > 1) sums_ = make_sums(run);
  std::vector<std::shared_ptr<const Program>> programs;
  for (const std::int64_t size : {batch_size_, rest}) {
    if (size == 0) continue;
    Graph graph;
    places_ = sums_ ? build_gradients(graph, run, size, *sums_, counter)
                    : build_step(graph, run, size, update, counter);
    // Counted when pruned: the gradient of the input data is not computed.
    const auto count = [&](std::string_view pass, const Graph& pruned) {
      if (pass == "prune" && size == batch_size_) flops_ = contraction_flops(pruned);
    };
    CompileOptions options = compile_options(c.precision, c.threads);
    options.watch = count;
    programs.push_back(compile(graph, options));
  }
  std::shared_ptr<const Program> last;
  if (sums_) {
    Graph graph;
    build_update(graph, run, *sums_, update);
    last = compile(graph, compile_options(c.precision, c.threads));
    workspace_bytes = std::max(workspace_bytes, arena_bytes(*last));
  }
  // That of full batches takes most.
  for (const auto& program : programs) workspace_bytes = std::max(workspace_bytes, arena_bytes(*program));
  workspace_.emplace(make_arena(*programs.front(), workspace_bytes));
  for (const auto& program : programs)
    sessions_.emplace_back(program, SessionOptions{.workspace = workspace_});
  if (last) update_session_.emplace(last, SessionOptions{.workspace = workspace_});
}

std::size_t WholeBatch::memory_bytes() const {
  std::size_t bytes = workspace_->bytes();
  if (sums_) {
    for (const Variable& sum : sums_->sums) bytes += sum.type().bytes();
  }
  return bytes;
}

void WholeBatch::take_from(data::Loader& loader) {
  loader.fill(inputs_of(sessions_.front()), inputs_of(sessions_.back()));
}

void WholeBatch::begin() {
  if (!sums_) return;
  for (const Variable& sum : sums_->sums) std::memset(sum.value().data(), 0, sum.type().bytes());
}

Session& WholeBatch::feed(const data::Batch& batch) {
  Session& session = batch.size == batch_size_ ? sessions_.front() : sessions_.back();
  session.feed(0, batch.x);
  session.feed(1, batch.y);
  if (batch.weight.defined()) session.feed(2, batch.weight);
  if (sums_) sums_->weight.value().values<double>()[0] = weight_of(batch);
  return session;
}

BatchResult WholeBatch::result_of(const Session& session, const data::Batch& batch) const {
  BatchResult result{.weight = sums_ ? weight_of(batch) : 1, .examples = batch.size};
  result.loss = result.weight * session.output(static_cast<std::size_t>(places_.loss)).at(0);
  if (places_.correct >= 0)
    result.correct = session.output(static_cast<std::size_t>(places_.correct)).values<std::int64_t>()[0];
  return result;
}

BatchResult WholeBatch::run(const data::Batch& batch) {
  Session& session = feed(batch);
  session.run();
  return result_of(session, batch);
}

std::optional<std::string> WholeBatch::run_checked(const data::Batch& batch, BatchResult& result) {
  Session& session = feed(batch);
  if (auto where = session.run_checked()) return where;
  result = result_of(session, batch);
  return std::nullopt;
}

void WholeBatch::update(double weight) {
  if (!sums_) return;
  sums_->scale.value().values<double>()[0] = weight > 0 ? 1 / weight : 0;
  update_session_->run();
}

std::optional<std::string> WholeBatch::update_checked(double weight) {
  if (!sums_) return std::nullopt;
  sums_->scale.value().values<double>()[0] = weight > 0 ? 1 / weight : 0;
  return update_session_->run_checked();
}

}  // namespace gradus::train
