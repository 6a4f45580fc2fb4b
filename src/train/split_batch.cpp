#include "train/split_batch.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "base/buffer.h"
#include "base/denormals.h"
#include "base/parallel.h"
#include "runtime/tree_sum.h"
#include "tensor/dispatch.h"
#include "train/precision.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

// The parts of this rank.
PartRange parts_of(const Company& company, std::int64_t shards) {
  const std::int64_t all = shards > 1 ? shards : company.size(), count = all / company.size();
  return {.first = company.rank() * count, .count = count, .of = all};
}

// Between ranks of one machine messages take no time that the backward pass could hide, and halves that two
// exchange are summed sooner than by MPI's own sums that run beside it (docs/distributed.md).
bool near(const Company& company) {
  return std::has_single_bit(static_cast<unsigned>(company.size())) &&
         (company.ranks == nullptr || company.ranks->on_this_machine() == company.size());
}

// Threads that compute parts of their own: a power of two, as each sums a whole branch of the tree.
int workers_for(const PartRange& parts, std::int64_t threads) {
  return static_cast<int>(std::bit_floor(static_cast<std::uint64_t>(std::min(parts.count, threads))));
}

}  // namespace

SplitBatch::SplitBatch(const Prepared& run, const Update& update, const Variable& counter,
                       std::size_t workspace_bytes, const Company& company)
    : fixed_tree_(run.config.shards > 1),
      by_tree_(fixed_tree_ || near(company)),
      overlaps_(!by_tree_ && !run.config.sync_batch_norm),
      company_(company),
      counter_(counter),
      sums_(make_sums(run)),
      statistics_(moving_statistics(run)) {
  const RunConfig& c = run.config;
  const auto threads = static_cast<int>(c.threads > 0 ? c.threads : hardware_threads());
  const PartRange mine = parts_of(company, c.shards);
  compile_parts(run, mine, fixed_tree_ ? 1 : threads);
  plan_vector();
  if (!by_tree_) buckets_.emplace(plan_);

  // The norm of all gradients, and of a unit's weights, is a sum, whose bits change with the threads.
  const bool sums_up = c.clip_norm > 0 || c.max_norm > 0;
  Graph graph;
  build_update(graph, run, sums_, update);
  const auto update_program =
      compile(graph, compile_options(c.precision, fixed_tree_ && sums_up ? 1 : threads));
  workspace_bytes = std::max(workspace_bytes, arena_bytes(*update_program));

  const int workers = fixed_tree_ ? workers_for(mine, threads) : 1;
  const std::int64_t each = mine.count / workers;
  workers_.reserve(static_cast<std::size_t>(workers));
  for (int i = 0; i < workers; ++i) {
    const PartRange range{.first = mine.first + i * each, .count = each, .of = mine.of};
    workers_.emplace_back(programs_, range, plan_, i == 0 ? workspace_bytes : 0);
  }

  // The update reads the sums where they are made.
  std::shared_ptr<std::byte> memory = workers_.front().sums().memory();
  total_ = workers_.front().sums().sum();
  if (c.accumulate > 1) {
    memory = allocate(plan_.type.bytes());
    total_ = Tensor(plan_.type, memory);
  }
  for (std::size_t i = 0; i < sums_.sums.size(); ++i)
    sums_.sums[i].bind({memory, memory.get() + plan_.first[i] * size_of(plan_.type.dtype)});
  if (company_.size() > 1) scratch_ = Tensor(plan_.type);
  if (share_of(c, company_.ranks).ranks > 1) {
    shared_ = trainable_parameters(run);
    owner_ = owners(shared_, company_.size());
  }
  numbers_.resize(Totals().size() + company_.numbers.size());
  numbers_scratch_.resize(numbers_.size());
  update_session_.emplace(update_program, SessionOptions{.workspace = workers_.front().workspace()});
}

void SplitBatch::compile_parts(const Prepared& run, const PartRange& mine, int threads) {
  const std::int64_t full = batch_size(run), rest = run.parts.train.size() % full;
  const auto rows = [&](std::int64_t batch, std::int64_t part) {
    return data::part_begin(batch, part + 1, mine.of) - data::part_begin(batch, part, mine.of);
  };
  full_rows_ = rows(full, mine.first);
  rest_rows_ = rows(rest, mine.first);
  std::set<std::int64_t> sizes;
  for (const std::int64_t batch : {full, rest})
    for (std::int64_t part = mine.first; part < mine.first + mine.count; ++part)
      if (rows(batch, part) > 0) sizes.insert(rows(batch, part));
  for (const std::int64_t size : sizes) {
    PartGraph part = build_part(run, size);
    PartProgram& made = programs_[size];
    made.places = places_ = part.places;
    made.sums = part.sums;
    CompileOptions options = compile_options(run.config.precision, threads);
    options.ranks = company_.ranks;
    options.watch = [&](std::string_view pass, const Graph& pruned) {
      if (pass == "prune") made.flops = contraction_flops(pruned);
    };
    made.program = compile(part.graph, options);
  }
  const auto& [size, largest] = *programs_.rbegin();
  flops_ = largest.flops / size * full;
}

void SplitBatch::plan_vector() {
  std::vector<Type> types;
  for (const Variable& sum : sums_.sums) types.push_back(sum.type());
  for (const Variable& statistic : statistics_) types.push_back(statistic.type());
  const DType dtype = types.empty() ? DType::f32 : types.front().dtype;
  std::size_t elements = 0;
  for (const Type& type : types) {
    plan_.first.push_back(elements);
    elements += align_up(type.bytes()) / size_of(dtype);
  }
  plan_.type = {dtype, Shape{static_cast<std::int64_t>(elements)}};
}

std::size_t SplitBatch::memory_bytes() const {
  std::size_t bytes = workers_.size() * workers_.front().workspace().bytes() + scratch_.byte_size();
  for (const PartWorker& worker : workers_) bytes += worker.sum_bytes();
  return bytes;
}

bool SplitBatch::accumulates() { return total_.data() != workers_.front().sums().sum().data(); }

void SplitBatch::begin() {
  if (accumulates()) std::memset(total_.data(), 0, total_.byte_size());
}

BatchResult SplitBatch::run(const data::Batch& batch) {
  const FloatScope floats(FloatControl::current().flushing());
  if (overlaps_) {
    run_and_sum(batch);
    return sum_up();
  }
  if (buckets_) buckets_->begin();
  const auto workers = static_cast<int>(workers_.size());
  parallel_for(workers, 1, workers, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      workers_[static_cast<std::size_t>(i)].run(batch, counter_.value());
  });
  return sum_up();
}

void SplitBatch::run_and_sum(const data::Batch& batch) {
  PartWorker& worker = workers_.front();
  const Tensor& vector = worker.sums().sum();
  buckets_->begin();
  const bool there = worker.run(batch, counter_.value(),
                                [&](std::size_t piece) { buckets_->made(piece, vector, *company_.ranks); });
  if (there) return;
  std::memset(vector.data(), 0, vector.byte_size());
  worker.sums().totals() = {};
}

std::optional<std::string> SplitBatch::run_checked(const data::Batch& batch, BatchResult& result) {
  for (PartWorker& worker : workers_)
    if (auto where = worker.run_checked(batch, counter_.value())) return where;
  result = sum_up();
  return std::nullopt;
}

BatchResult SplitBatch::sum_up() {
  const std::size_t workers = workers_.size();
  TreeStack& all = workers_.front().sums();
  parallel_for(all.sum().size(), 4096, static_cast<int>(workers), [&](std::int64_t begin, std::int64_t end) {
    for (std::size_t step = 1; step < workers; step *= 2)
      for (std::size_t i = 0; i + step < workers; i += 2 * step)
        add_to(workers_[i].sums().sum(), workers_[i + step].sums().sum(), begin, end);
  });
  for (std::size_t step = 1; step < workers; step *= 2)
    for (std::size_t i = 0; i + step < workers; i += 2 * step)
      add_to(workers_[i].sums().totals(), workers_[i + step].sums().totals());
  if (company_.size() > 1) sum_over_ranks(all.sum(), all.totals());
  const Totals& totals = all.totals();
  take_statistics(all.sum(), totals[1]);
  if (accumulates()) add_to(total_, all.sum(), 0, total_.size());
  return {.loss = totals[0],
          .weight = totals[1],
          .correct = static_cast<std::int64_t>(totals[2]),
          .examples = static_cast<std::int64_t>(totals[3])};
}

void SplitBatch::sum_over_ranks(const Tensor& vector, Totals& totals) {
  std::copy(totals.begin(), totals.end(), numbers_.begin());
  std::copy(company_.numbers.begin(), company_.numbers.end(), numbers_.begin() + totals.size());
  dispatch_float(vector.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const std::span<T> values = vector.values<T>();
    if (by_tree_) {
      tree_sum<T>(*company_.ranks, values, scratch_.values<T>());
      tree_sum<double>(*company_.ranks, numbers_, numbers_scratch_);
    } else {
      buckets_->begin_rest(vector, *company_.ranks);
      company_.ranks->begin_sum(std::span<double>(numbers_));
      company_.ranks->finish();
    }
  });
  std::copy(numbers_.begin(), numbers_.begin() + totals.size(), totals.begin());
  std::copy(numbers_.begin() + totals.size(), numbers_.end(), company_.numbers.begin());
}

// Running statistics become the mean of what the parts made of them.
void SplitBatch::take_statistics(const Tensor& vector, double weight) {
  if (weight <= 0) return;
  dispatch_float(vector.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const T scale = static_cast<T>(1 / weight);
    for (std::size_t i = 0; i < statistics_.size(); ++i) {
      const T* from = vector.values<T>().data() + plan_.first[sums_.sums.size() + i];
      for (T& value : statistics_[i].value().values<T>()) value = *from++ * scale;
    }
  });
}

// Where a rank has one part, that is all its loader makes.
void SplitBatch::take_from(data::Loader& loader) {
  if (fixed_tree_) return;
  const PartWorker& worker = workers_.front();
  loader.fill(worker.inputs(full_rows_), worker.inputs(rest_rows_ > 0 ? rest_rows_ : full_rows_));
}

void SplitBatch::update(double weight) {
  sums_.scale.value().values<double>()[0] = weight > 0 ? 1 / weight : 0;
  update_session_->run();
  if (!shared_.empty()) share_parameters(shared_, owner_, *company_.ranks);
}

std::optional<std::string> SplitBatch::update_checked(double weight) {
  sums_.scale.value().values<double>()[0] = weight > 0 ? 1 / weight : 0;
  return update_session_->run_checked();
}

}  // namespace gradus::train
