// One trained model, asked from many threads.
#include "gradus/inference.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

class Inference : public ::testing::Test {
 protected:
  // Batch normalization and dropout behave otherwise than in training; columns are standardized.
  void SetUp() override {
    std::string text = "a,b,colour\n";
    for (int i = 0; i < 60; ++i)
      text += std::to_string(i % 7 * (i % 2 ? 1 : -1)) + "," + std::to_string(100 + i % 5) +
              (i % 2 ? ",red\n" : ",blue\n");
    write_text(folder_ / "train.csv", text);
    RunConfig c = config_of({{"data", "csv:" + (folder_ / "train.csv").string()},
                             {"epochs", "3"},
                             {"batch_size", "20"},
                             {"threads", "1"},
                             {"out", (folder_ / "run").string()}});
    c.layers = nn::parse_model(
        "layers = [{ dense = 16 }, 'batch_norm', 'relu', { dropout = 0.5 }, { dense = 2 }]", "small.toml");
    train(c);
  }

  static Tensor questions(std::int64_t count) {
    Tensor x(DType::f64, Shape{count, 2});
    for (std::int64_t i = 0; i < count; ++i) {
      x.values<double>()[static_cast<std::size_t>(2 * i)] = static_cast<double>(i % 13) - 6;
      x.values<double>()[static_cast<std::size_t>(2 * i + 1)] = 100 + static_cast<double>(i % 5);
    }
    return x;
  }

  TemporaryFolder folder_;
};

TEST_F(Inference, SaysWhatPredictSays) {
  const Predictor predictor(folder_ / "run", {.batch_size = 8});
  const Model model = load_model(folder_ / "run");
  for (const std::int64_t count : {1, 2, 7, 8, 9, 29}) {
    const Predictions expected = predict(model, questions(count)),
                      found = predictor.predict(questions(count));
    ASSERT_EQ(found.output.shape(), expected.output.shape());
    for (std::int64_t i = 0; i < found.output.size(); ++i)
      EXPECT_NEAR(found.output.at(i), expected.output.at(i), 1e-5) << count;
    EXPECT_EQ(found.classes, expected.classes);
    EXPECT_EQ(found.class_names, (std::vector<std::string>{"blue", "red"}));
  }
  EXPECT_EQ(predictor.run(Tensor::of<double>(Shape{2}, {1, 100})).shape(), (Shape{1, 2}));
}

TEST_F(Inference, ManyThreadsGetTheSameBits) {
  const Predictor predictor(folder_ / "run", {.batch_size = 8});
  std::vector<Tensor> expected;
  for (std::int64_t count = 1; count <= 20; ++count) expected.push_back(predictor.run(questions(count)));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 60; ++i) {
        const std::int64_t count = (7 * t + i) % 20 + 1;
        if (!predictor.run(questions(count)).same_bits(expected[static_cast<std::size_t>(count - 1)]))
          ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Inference, AFaultOfOneCallHarmsNoOther) {
  const Predictor predictor(folder_ / "run");
  const Tensor before = predictor.run(questions(3));
  try {
    predictor.run(Tensor(DType::f64, Shape{3, 5}));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
    EXPECT_EQ(std::string(error.what()).rfind("predictor: ", 0), 0u) << error.what();
  }
  EXPECT_TRUE(predictor.run(questions(3)).same_bits(before));
  expect_error([&] { Predictor(folder_ / "run", {.batch_size = 0}); }, Fault::usage,
               "predictor: batch_size must be at least 1, it is 0.");
}

}  // namespace
}  // namespace gradus::train
