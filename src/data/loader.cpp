// The loader: a ring of batches, filled by one thread and emptied by the caller.
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "data/example_reader.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

// Full batches and the short one at the end of an epoch need tensors of their own.
struct Slot {
  Batch full, last;
  Batch* current = nullptr;
};

Batch make_batch(const Dataset& data, std::int64_t rows, const Augmentation& augmentation, DType dtype) {
  Batch batch;
  if (rows == 0) return batch;
  batch.size = rows;
  batch.x = Tensor(dtype, data.x.shape().with(0, rows));
  if (data.y.defined()) batch.y = Tensor(target_type(data, augmentation, dtype, rows));
  if (data.weight.defined()) batch.weight = Tensor(dtype, Shape{rows});
  return batch;
}

}  // namespace

Type target_type(const Dataset& data, const Augmentation& augmentation, DType dtype, std::int64_t batch) {
  if (data.kind != Kind::classes) return {dtype, data.y.shape().with(0, batch)};
  if (augmentation.mixup > 0) return {dtype, Shape{batch, data.classes}};
  return {DType::i64, data.y.shape().with(0, batch)};
}

struct Loader::State {
  const Dataset data;
  LoaderOptions options;
  std::int64_t rows, batch_size, per_epoch;
  std::vector<std::int64_t> order;  // of the epoch being made
  std::int64_t order_epoch = -1;
  std::int64_t epoch = 0, index = 0;  // of the batch to make next
  std::vector<Slot> ring;
  std::optional<ExampleReader> reader;  // looks at data

  std::thread maker;
  std::mutex mutex;  // guards what follows, while the maker lives
  std::condition_variable changed;
  std::size_t made = 0, taken = 0;  // batches since the last seek
  std::exception_ptr fault;
  bool stopping = false;

  State(const Dataset& dataset, const LoaderOptions& loader_options)
      : data(dataset), options(loader_options), rows(dataset.size()) {
    require(Fault::data, rows > 0, "loader: the data set is empty.");
    require(options.batch_size > 0, "loader: batch_size must be 1 or more, got {}.", options.batch_size);
    require(is_float(options.dtype), "loader: dtype must be f32 or f64, got {}.", name(options.dtype));
    require(options.prefetch >= 0, "loader: prefetch must be 0 or more, got {}.", options.prefetch);
    batch_size = std::min(options.batch_size, rows);
    per_epoch = (rows + batch_size - 1) / batch_size;
    order.resize(static_cast<std::size_t>(rows));
    // One slot more than is made ahead: the caller still reads the batch it took last.
    ring.resize(static_cast<std::size_t>(options.prefetch) + 1);
    for (Slot& slot : ring) {
      slot.full = make_batch(data, part_of(batch_size), options.augmentation, options.dtype);
      slot.last = make_batch(data, part_of(rows % batch_size), options.augmentation, options.dtype);
    }
    require(options.part >= 0 && options.part < options.parts, "loader: there is no part {} of {}.",
            options.part, options.parts);
    require(options.threads > 0, "loader: threads must be 1 or more, got {}.", options.threads);
    const int threads = options.prefetch == 0 ? options.threads : 1;
    reader.emplace(data, options.dtype, options.augmentation, options.seed, threads);
  }

  ~State() { stop(); }

  // Examples of a batch's part.
  std::int64_t part_of(std::int64_t whole) const {
    return part_begin(whole, options.part + 1, options.parts) -
           part_begin(whole, options.part, options.parts);
  }

  void draw_order() {
    if (order_epoch == epoch) return;
    if (options.shuffle) {
      permute(order, RandomSequence(options.seed, stream::kShuffle, static_cast<std::uint64_t>(epoch)));
    } else if (order_epoch < 0) {
      for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
    }
    order_epoch = epoch;
  }

  // Makes the batch of (epoch, index) in `slot` and moves on.
  void make(Slot& slot) {
    draw_order();
    const std::int64_t begin = index * batch_size;
    const std::int64_t whole = std::min(batch_size, rows - begin);
    Batch& batch = whole == batch_size ? slot.full : slot.last;
    batch.first = part_begin(whole, options.part, options.parts);
    batch.whole = whole;
    const auto chosen = std::span<const std::int64_t>(order).subspan(
        static_cast<std::size_t>(begin + batch.first), static_cast<std::size_t>(part_of(whole)));
    if (!chosen.empty()) reader->read(epoch, chosen, batch);
    batch.epoch = epoch;
    batch.index = index;
    batch.last_of_epoch = index + 1 == per_epoch;
    if (options.transform) options.transform(batch);
    slot.current = &batch;
    index = batch.last_of_epoch ? 0 : index + 1;
    if (index == 0) ++epoch;
  }

  // The maker's life: it owns data, order, epoch and index, and the slots not yet handed over.
  void run() {
    for (;;) {
      std::size_t slot = 0;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock,
                     [&] { return stopping || made < taken + static_cast<std::size_t>(options.prefetch); });
        if (stopping) return;
        slot = made % ring.size();
      }
      std::exception_ptr problem;
      try {
        make(ring[slot]);
      } catch (...) {
        problem = std::current_exception();
      }
      {
        const std::lock_guard lock(mutex);
        if (problem)
          fault = problem;
        else
          ++made;
      }
      changed.notify_all();
      if (problem) return;
    }
  }

  const Batch& next() {
    if (options.prefetch == 0) {
      make(ring[0]);
      return *ring[0].current;
    }
    if (!maker.joinable()) maker = std::thread([this] { run(); });
    const Batch* batch = nullptr;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return made > taken || fault; });
      if (made == taken) std::rethrow_exception(fault);
      batch = ring[taken % ring.size()].current;
      ++taken;
    }
    changed.notify_all();
    return *batch;
  }

  void stop() {
    if (!maker.joinable()) return;
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
    maker.join();
  }

  void fill(const Batch& full, const Batch& last) {
    require(options.prefetch == 0, "loader: batches made ahead need tensors of their own.");
    const auto adopt = [](Batch& own, const Batch& given) {
      const auto check = [](const Tensor& mine, const Tensor& offered) {
        require(mine.type() == offered.type(), "loader: a batch's tensor is {}, {} was given to fill.",
                mine.type().str(), offered.type().str());
      };
      check(own.x, given.x);
      check(own.y, given.y);
      check(own.weight, given.weight);
      own.x = given.x;
      own.y = given.y;
      own.weight = given.weight;
    };
    adopt(ring[0].full, full);
    if (ring[0].last.size > 0) adopt(ring[0].last, last);
  }

  void seek(std::int64_t to_epoch, std::int64_t to_index) {
    require(
        to_epoch >= 0 && to_index >= 0 && to_index < per_epoch,
        "loader: an epoch of 0 or more and a batch of 0 to {} were needed, epoch {} batch {} was asked for.",
        per_epoch - 1, to_epoch, to_index);
    stop();
    made = taken = 0;
    fault = nullptr;
    stopping = false;
    epoch = to_epoch;
    index = to_index;
  }
};

Loader::Loader(const Dataset& data, const LoaderOptions& options)
    : state_(std::make_unique<State>(data, options)) {}
Loader::~Loader() = default;
Loader::Loader(Loader&&) noexcept = default;
Loader& Loader::operator=(Loader&&) noexcept = default;

const Batch& Loader::next() { return state_->next(); }
void Loader::seek(std::int64_t epoch, std::int64_t index) { state_->seek(epoch, index); }
void Loader::fill(const Batch& full, const Batch& last) { state_->fill(full, last); }
std::int64_t Loader::batches_per_epoch() const { return state_->per_epoch; }
std::int64_t Loader::batch_size() const { return state_->batch_size; }

EpochRange::EpochRange(const Dataset& data, const BatchOptions& options)
    : loader_(data, {.batch_size = options.size,
                     .shuffle = options.shuffle,
                     .seed = options.seed,
                     .dtype = options.dtype}),
      epoch_(options.epoch) {
  require(epoch_ >= 0, "batches: epoch must be 0 or more, got {}.", epoch_);
}

EpochRange::Iterator EpochRange::begin() {
  loader_.seek(epoch_, 0);
  left_ = loader_.batches_per_epoch() + 1;
  advance();
  return Iterator(this);
}

void EpochRange::advance() {
  if (--left_ == 0) return;
  const Batch& batch = loader_.next();
  pair_ = {batch.x, batch.y};
}

EpochRange batches(const Dataset& data, const BatchOptions& options) { return EpochRange(data, options); }

}  // namespace gradus::data
