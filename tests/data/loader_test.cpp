#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

// Row i is (i, 10 i), of class i, of weight i + 1.
Dataset rows(std::int64_t count) {
  Tensor x(DType::f64, Shape{count, 2});
  Tensor y(DType::i64, Shape{count});
  Tensor weight(DType::f32, Shape{count});
  for (std::int64_t i = 0; i < count; ++i) {
    x.set(2 * i, static_cast<double>(i));
    x.set(2 * i + 1, static_cast<double>(10 * i));
    y.set(i, static_cast<double>(i));
    weight.set(i, static_cast<double>(i + 1));
  }
  Dataset data = from_arrays(x, y);
  data.weight = weight;
  return data;
}

std::vector<Numbers> labels_of(Loader& loader, int batches) {
  std::vector<Numbers> result;
  for (int i = 0; i < batches; ++i) result.push_back(list(loader.next().y));
  return result;
}

TEST(Loader, GivesEveryRowOnceAnEpochAndTheShortBatchLast) {
  Loader loader(rows(10), {.batch_size = 4, .seed = 1});
  EXPECT_EQ(loader.batches_per_epoch(), 3);
  std::vector<Numbers> orders;
  for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
    Numbers seen;
    for (std::int64_t index = 0; index < 3; ++index) {
      const Batch& batch = loader.next();
      EXPECT_EQ(batch.epoch, epoch);
      EXPECT_EQ(batch.index, index);
      EXPECT_EQ(batch.size, index == 2 ? 2 : 4);
      EXPECT_EQ(batch.last_of_epoch, index == 2);
      EXPECT_EQ(batch.x.type(), (Type{DType::f32, Shape{batch.size, 2}}));
      EXPECT_EQ(batch.y.type(), (Type{DType::i64, Shape{batch.size}}));
      for (std::int64_t i = 0; i < batch.size; ++i) {
        const double row = batch.y.at(i);
        EXPECT_EQ(batch.x.at(2 * i), row) << "x, y and weight take one order";
        EXPECT_EQ(batch.x.at(2 * i + 1), 10 * row);
        EXPECT_EQ(batch.weight.at(i), row + 1);
        seen.push_back(row);
      }
    }
    orders.push_back(seen);
    EXPECT_EQ(std::set<double>(seen.begin(), seen.end()).size(), 10u);
  }
  EXPECT_NE(orders[0], orders[1]) << "each epoch has its own order";
}

TEST(Loader, IsTheSameWithAndWithoutPrefetch) {
  const Dataset data = rows(23);
  Loader plain(data, {.batch_size = 5, .seed = 4, .prefetch = 0});
  const std::vector<Numbers> expected = labels_of(plain, 17);
  for (const int prefetch : {1, 2, 3, 7}) {
    Loader ahead(data, {.batch_size = 5, .seed = 4, .prefetch = prefetch});
    EXPECT_EQ(labels_of(ahead, 17), expected) << prefetch;
  }
  Loader other(data, {.batch_size = 5, .seed = 5});
  EXPECT_NE(labels_of(other, 17), expected);
}

TEST(Loader, SeeksToAnyBatch) {
  const Dataset data = rows(23);
  for (const int prefetch : {0, 2}) {
    Loader loader(data, {.batch_size = 5, .seed = 4, .prefetch = prefetch});
    const std::vector<Numbers> all = labels_of(loader, 20);
    for (const auto& [epoch, index] : {std::pair{2, 3}, std::pair{0, 0}, std::pair{3, 4}, std::pair{1, 4}}) {
      loader.seek(epoch, index);
      EXPECT_EQ(list(loader.next().y), all[static_cast<std::size_t>(5 * epoch + index)]);
    }
    EXPECT_EQ(list(loader.next().y), all[10]) << "the batch after the last of epoch 1";
    expect_error(
        [&] { loader.seek(0, 5); }, Fault::model,
        "loader: an epoch of 0 or more and a batch of 0 to 4 were needed, epoch 0 batch 5 was asked for.");
  }
}

TEST(Loader, KeepsABatchUntilTheNextCall) {
  Loader loader(rows(64), {.batch_size = 4, .seed = 2});
  Loader plain(rows(64), {.batch_size = 4, .seed = 2, .prefetch = 0});
  for (int i = 0; i < 40; ++i) {
    const Batch& batch = loader.next();
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // the thread has filled all it may by now
    EXPECT_EQ(list(batch.y), list(plain.next().y));
  }
}

TEST(Loader, UsesAFixedSetOfBuffers) {
  Loader loader(rows(10), {.batch_size = 4, .prefetch = 2});
  std::set<const std::byte*> buffers;
  for (int i = 0; i < 60; ++i) buffers.insert(loader.next().x.data());
  EXPECT_LE(buffers.size(), 6u) << "three for full batches, three for short ones";
}

TEST(Loader, KeepsTheOrderWithoutShuffle) {
  Loader loader(rows(5), {.batch_size = 2, .shuffle = false});
  EXPECT_EQ(labels_of(loader, 4), (std::vector<Numbers>{{0, 1}, {2, 3}, {4}, {0, 1}}));
}

TEST(Loader, ConvertsPixelsAndTargets) {
  const Tensor x = Tensor::of<std::uint8_t>(Shape{2, 2}, {0, 51, 102, 255});
  const Tensor y = Tensor::of<double>(Shape{2, 1}, {0.1, 0.2});
  Loader f32(from_arrays(x, y), {.batch_size = 8, .shuffle = false});
  const Batch& batch = f32.next();
  EXPECT_EQ(batch.size, 2) << "no larger than the data";
  EXPECT_EQ(batch.x.dtype(), DType::f32);
  EXPECT_EQ(batch.x.values<float>()[1], 51.0f / 255.0f);
  EXPECT_EQ(batch.x.values<float>()[3], 1.0f);
  EXPECT_EQ(batch.y.type(), (Type{DType::f32, Shape{2, 1}}));
  EXPECT_EQ(batch.y.values<float>()[0], 0.1f);
  EXPECT_FALSE(batch.weight.defined());
  Loader f64(from_arrays(x, Tensor()), {.shuffle = false, .dtype = DType::f64});
  EXPECT_EQ(f64.next().x.values<double>()[2], 102.0 / 255.0);
  EXPECT_FALSE(f64.next().y.defined());
}

TEST(Loader, TransformsBatches) {
  const auto add_index = [](Batch& batch) {
    for (float& value : batch.x.values<float>()) value = static_cast<float>(batch.index);
  };
  Loader loader(rows(6), {.batch_size = 2, .transform = add_index});
  for (int i = 0; i < 7; ++i) {
    const Batch& batch = loader.next();
    EXPECT_EQ(list(batch.x), Numbers(4, static_cast<double>(batch.index)));
  }
}

TEST(Loader, GivesTheThreadsFaultToTheCaller) {
  const auto fail_at_two = [](Batch& batch) {
    if (batch.index == 2) throw std::runtime_error("no third batch");
  };
  for (const int prefetch : {0, 1, 3}) {
    Loader loader(rows(8), {.batch_size = 2, .prefetch = prefetch, .transform = fail_at_two});
    EXPECT_EQ(loader.next().index, 0);
    EXPECT_EQ(loader.next().index, 1) << "batches made before the fault are given";
    EXPECT_THROW(loader.next(), std::runtime_error);
    EXPECT_THROW(loader.next(), std::runtime_error);
    loader.seek(0, 3);
    EXPECT_EQ(loader.next().index, 3);
  }
}

TEST(Loader, StopsWhereverItIs) {
  std::atomic<int> made = 0;
  const auto count = [&](Batch&) { ++made; };
  for (int i = 0; i < 200; ++i) {
    Loader loader(rows(7), {.batch_size = 2, .transform = count});
    for (int taken = 0; taken < i % 5; ++taken) loader.next();
    Loader moved = std::move(loader);
    if (i % 2 == 0) moved.next();
  }
  const int after = made;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(made, after) << "no thread lives on";
}

TEST(Loader, FillsTheCallersTensors) {
  Loader own(rows(10), {.batch_size = 4, .prefetch = 0}), filling(rows(10), {.batch_size = 4, .prefetch = 0});
  const auto batch_of = [](std::int64_t size) {
    return Batch{.x = Tensor(DType::f32, {size, 2}),
                 .y = Tensor(DType::i64, {size}),
                 .weight = Tensor(DType::f32, {size})};
  };
  const Batch full = batch_of(4), last = batch_of(2);
  filling.fill(full, last);
  for (int i = 0; i < 7; ++i) {
    const Batch &wanted = own.next(), &made = filling.next(), &given = made.last_of_epoch ? last : full;
    EXPECT_EQ(made.x.data(), given.x.data());
    EXPECT_TRUE(given.x.same_bits(wanted.x));
    EXPECT_TRUE(given.y.same_bits(wanted.y));
    EXPECT_TRUE(given.weight.same_bits(wanted.weight));
  }
}

TEST(Loader, RefusesTensorsThatDoNotFit) {
  Loader ahead(rows(10), {.batch_size = 4}), loader(rows(10), {.batch_size = 4, .prefetch = 0});
  expect_error([&] { ahead.fill({}, {}); }, Fault::model,
               "loader: batches made ahead need tensors of their own.");
  Batch wrong;
  wrong.x = Tensor(DType::f32, {3, 2});
  expect_error([&] { loader.fill(wrong, {}); }, Fault::model,
               "loader: a batch's tensor is f32[4, 2], f32[3, 2] was given to fill.");
}

TEST(Loader, IsTheSameWithManyThreads) {
  Tensor x(DType::u8, {96, 3, 32, 32}), y(DType::i64, {96});
  for (std::int64_t i = 0; i < x.size(); ++i) x.set(i, static_cast<double>(i * 7 % 251));
  for (std::int64_t i = 0; i < y.size(); ++i) y.set(i, static_cast<double>(i % 5));
  const Dataset images = from_arrays(x, y);
  for (const Augmentation& augmentation :
       {Augmentation{}, Augmentation{.crop = 4, .flip = 0.5, .mixup = 0.2}}) {
    const LoaderOptions options{.batch_size = 40, .seed = 3, .augmentation = augmentation, .prefetch = 0};
    LoaderOptions many = options;
    many.threads = 3;
    Loader one(images, options), three(images, many);
    for (int i = 0; i < 4; ++i) {
      const Batch &a = one.next(), &b = three.next();
      EXPECT_TRUE(a.x.same_bits(b.x));
      EXPECT_TRUE(a.y.same_bits(b.y));
    }
  }
}

TEST(Loader, RefusesBadOptions) {
  expect_error([] { Loader(rows(2), {.batch_size = 0}); }, Fault::model,
               "loader: batch_size must be 1 or more, got 0.");
  expect_error([] { Loader(rows(2), {.dtype = DType::i64}); }, Fault::model,
               "loader: dtype must be f32 or f64, got i64.");
  expect_error([] { Loader(rows(2), {.prefetch = -1}); }, Fault::model,
               "loader: prefetch must be 0 or more, got -1.");
  expect_error([] { Loader(Dataset(), {}); }, Fault::data, "loader: the data set is empty.");
}

TEST(Batches, RunOverOneEpoch) {
  const Dataset data = rows(10);
  Loader loader(data, {.batch_size = 4, .seed = 1});
  int count = 0;
  for (const auto& [x, y] : batches(data, {.size = 4, .seed = 1})) {
    const Batch& batch = loader.next();
    EXPECT_EQ(list(x), list(batch.x));
    EXPECT_EQ(list(y), list(batch.y));
    ++count;
  }
  EXPECT_EQ(count, 3);
}

TEST(Batches, CanBeLeftAndRunAgain) {
  EpochRange range = batches(rows(6), {.size = 2, .seed = 1, .epoch = 3});
  std::vector<Numbers> runs[2];
  for (auto& run : runs) {
    for (const auto& pair : range) {
      run.push_back(list(pair.y));
      if (run.size() == 2) break;
    }
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_EQ(runs[0].size(), 2u);
}

}  // namespace
}  // namespace gradus::data
