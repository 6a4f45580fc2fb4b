// What a trained model is used for: scores, predictions, raw outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

// Two clouds of points with labels in text; the first column is far from 0 and wide.
std::string csv_of(int rows) {
  std::string text = "size,shape,label\n";
  for (int i = 0; i < rows; ++i) {
    const bool big = i % 2 == 0;
    text += std::to_string(big ? 5000 + i : 1000 + i) + "," + (i % 3 ? "round" : "flat") + "," +
            (big ? "melon" : "cherry") + "\n";
  }
  return text;
}

TEST(ClassProbabilities, AreLearnedAndScoredByTheLikeliest) {
  const TemporaryFolder folder;
  Tensor x(DType::f32, Shape{40, 1}), y(DType::f32, Shape{40, 3});
  for (std::int64_t i = 0; i < 40; ++i) {
    x.set(i, static_cast<double>(i % 2));
    y.set(3 * i, i % 2 ? 0.1 : 0.7);
    y.set(3 * i + 1, i % 2 ? 0.1 : 0.2);
    y.set(3 * i + 2, i % 2 ? 0.8 : 0.1);
  }
  io::write_npz(folder / "d.npz", {{"x", x}, {"y", y}});
  RunConfig c = config_of({{"data", "npz:" + (folder / "d.npz").string()},
                           {"model", "linear"},
                           {"loss", "softmax_cross_entropy"},
                           {"epochs", "100"},
                           {"batch_size", "full"},
                           {"lr", "0.1"},
                           {"threads", "1"},
                           {"out", (folder / "run").string()}});
  EXPECT_EQ(*train(c).train->accuracy, 1);
  const EvalResult all = evaluate(folder / "run");
  EXPECT_EQ(*all.scores.accuracy, 1);
  EXPECT_EQ(all.confusion, (std::vector<std::vector<std::int64_t>>{{20, 0, 0}, {0, 0, 0}, {0, 0, 20}}));
  const Predictions p = predict(load_model(folder / "run"), x);
  EXPECT_EQ(p.classes[0], 0);
  EXPECT_EQ(p.classes[1], 2);
  EXPECT_NEAR(p.probabilities.at(5), 0.8, 0.05);
  EXPECT_EQ(p.csv().substr(0, p.csv().find('\n')), "class,name,p_0,p_1,p_2");
  y.set(4, -1.5);
  io::write_npz(folder / "d.npz", {{"x", x}, {"y", y}});
  c.out.clear();
  expect_error(
      [&] { train(c); }, Fault::data,
      (folder / "d.npz").string() + ": class probabilities must be 0 or more, row 1 element 1 is -1.5.");
}

class Fruit : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(folder / "fruit.csv", csv_of(60));
    RunConfig c = config_of({{"data", "csv:" + (folder / "fruit.csv").string() + ",test=0.2"},
                             {"model", "linear"},
                             {"epochs", "60"},
                             {"batch_size", "16"},
                             {"lr", "0.05"},
                             {"threads", "1"},
                             {"out", (folder / "run").string()}});
    result = train(c);
  }
  TemporaryFolder folder;
  TrainResult result;
};

TEST_F(Fruit, IsScoredAsItWasTrained) {
  EXPECT_EQ(*result.test->accuracy, 1);
  const EvalResult test = evaluate(folder / "run");
  EXPECT_EQ(test.part, Part::test);
  EXPECT_EQ(test.scores.n, 12);
  EXPECT_EQ(test.scores.loss, result.test->loss);
  EXPECT_EQ(test.class_names, (std::vector<std::string>{"cherry", "melon"}));
  EXPECT_EQ(test.confusion, (std::vector<std::vector<std::int64_t>>{{6, 0}, {0, 6}}));
  const EvalResult all = evaluate(folder / "run", {.part = Part::all});
  EXPECT_EQ(all.scores.n, 60);
  EXPECT_NEAR(all.scores.loss * 60, result.train->loss * 48 + result.test->loss * 12, 1e-9);
  expect_error(
      [&] { evaluate(folder / "run", {.part = Part::val}); }, Fault::data,
      "csv:" + (folder / "fruit.csv").string() + ",test=0.2: it has no val part. Take another --split.");
}

TEST_F(Fruit, IsScoredOnOtherData) {
  // Fewer rows, in which melons only occur: the model's labels still hold.
  write_text(folder / "melons.csv", "size,shape,label\n5003,flat,melon\n4800,round,melon\n1000,flat,melon\n");
  const EvalResult other = evaluate(folder / "run", {.data = "csv:" + (folder / "melons.csv").string()});
  EXPECT_EQ(other.part, Part::all);
  EXPECT_EQ(other.confusion, (std::vector<std::vector<std::int64_t>>{{0, 0}, {1, 2}}));
  EXPECT_DOUBLE_EQ(*other.scores.accuracy, 2.0 / 3);
  write_text(folder / "kiwi.csv", "size,shape,label\n5003,flat,kiwi\n");
  expect_error([&] { evaluate(folder / "run", {.data = "csv:" + (folder / "kiwi.csv").string()}); },
               Fault::data,
               (folder / "kiwi.csv").string() +
                   " column 'label': labels must be among 'cherry', 'melon', line 2 has 'kiwi'.");
}

TEST_F(Fruit, PredictsInTheFilesOwnUnits) {
  // Columns in another order and without the target: the names decide; the sizes are standardized.
  write_text(folder / "new.csv", "shape,size\nround,5010\nflat,900\n");
  const Predictions p = predict(folder / "run", folder / "new.csv");
  EXPECT_EQ(p.classes, (std::vector<std::int64_t>{1, 0}));
  EXPECT_EQ(p.class_names, (std::vector<std::string>{"cherry", "melon"}));
  for (std::int64_t i = 0; i < 2; ++i) {
    const double a = p.output.at(2 * i), b = p.output.at(2 * i + 1);
    EXPECT_NEAR(p.probabilities.at(2 * i), 1 / (1 + std::exp(b - a)), 1e-6);
    EXPECT_NEAR(p.probabilities.at(2 * i) + p.probabilities.at(2 * i + 1), 1, 1e-6);
  }
  const std::string csv = p.csv();
  EXPECT_EQ(csv.substr(0, csv.find("0.")), "class,name,p_cherry,p_melon\n1,melon,");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
}

TEST_F(Fruit, StandardizesRawArraysToo) {
  // The columns of x: size, shape=flat, shape=round.
  const Tensor x = Tensor::of<double>({2, 3}, {5010, 0, 1, 900, 1, 0});
  write_text(folder / "new.csv", "size,shape\n5010,round\n900,flat\n");
  EXPECT_TRUE(run_model(folder / "run", x).same_bits(predict(folder / "run", folder / "new.csv").output));
  io::write_npy(folder / "x.npy", x);
  EXPECT_EQ(predict(folder / "run", folder / "x.npy").classes, (std::vector<std::int64_t>{1, 0}));
  io::write_npz(folder / "x.npz", {{"ids", x}, {"x", x}});
  EXPECT_EQ(predict(folder / "run", folder / "x.npz").classes, (std::vector<std::int64_t>{1, 0}));
  io::write_npz(folder / "y.npz", {{"z", x}});
  expect_error([&] { predict(folder / "run", folder / "y.npz"); }, Fault::data,
               (folder / "y.npz").string() + ": an array x was needed, it holds z.");
  io::write_npy(folder / "wide.npy", Tensor(DType::f32, {2, 4}));
  expect_error([&] { predict(folder / "run", folder / "wide.npy"); }, Fault::data,
               (folder / "wide.npy").string() + ": the model takes examples [3], 3 elements; they are [4].");
}

// x in {0..3}, labels written -1 and 7: sparse integers.
void write_npz(const fs::path& file, bool test_part) {
  std::vector<float> x;
  std::vector<std::int64_t> y;
  for (int i = 0; i < 40; ++i) {
    x.push_back(static_cast<float>(i % 4));
    y.push_back(i % 4 < 2 ? -1 : 7);
  }
  const Tensor xs = Tensor::of<float>(Shape{40, 1}, std::span<const float>(x));
  const Tensor ys = Tensor::of<std::int64_t>(Shape{40}, std::span<const std::int64_t>(y));
  if (test_part)
    io::write_npz(file, {{"x_train", xs}, {"y_train", ys}, {"x_test", xs}, {"y_test", ys}});
  else
    io::write_npz(file, {{"x", xs}, {"y", ys}});
}

TEST(Use, NpzWithLabelsOfItsOwn) {
  const TemporaryFolder folder;
  write_npz(folder / "d.npz", true);
  RunConfig c = config_of({{"data", "npz:" + (folder / "d.npz").string()},
                           {"epochs", "40"},
                           {"batch_size", "8"},
                           {"lr", "0.01"},
                           {"out", (folder / "run").string()}});
  c.layers = small_mlp();
  const TrainResult result = train(c);
  EXPECT_EQ(*result.test->accuracy, 1);
  const Predictions p = predict(load_model(folder / "run"), Tensor::of<float>({2, 1}, {0, 3}));
  EXPECT_EQ(p.classes, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(p.class_names, (std::vector<std::string>{"-1", "7"}));
}

TEST(Use, NpzMustHoldPairs) {
  const TemporaryFolder folder;
  const std::string file = (folder / "d.npz").string();
  io::write_npz(folder / "d.npz", {{"x", Tensor(DType::f32, {2, 1})}});
  expect_error(
      [&] {
        prepare(config_of({{"data", "npz:" + file}}));
      },
      Fault::data, file + ": x and y were needed, it holds x.");
  io::write_npz(folder / "d.npz", {{"a", Tensor(DType::f32, {2, 1})}});
  expect_error(
      [&] {
        prepare(config_of({{"data", "npz:" + file}}));
      },
      Fault::data,
      file + ": either x and y or x_train and y_train (with x_test, y_test) were needed, it holds a.");
}

TEST(Use, RegressionGivesNumbers) {
  const TemporaryFolder folder;
  write_text(folder / "line.csv", "x,price\n0,1.0\n1,3.0\n2,5.0\n3,7.0\n");
  RunConfig c = config_of({{"data", "csv:" + (folder / "line.csv").string()},
                           {"optimizer", "least_squares"},
                           {"precision", "f64"},
                           {"out", (folder / "run").string()}});
  train(c);
  write_text(folder / "new.csv", "x\n10\n");
  const Predictions p = predict(folder / "run", folder / "new.csv");
  EXPECT_TRUE(p.classes.empty());
  EXPECT_FALSE(p.probabilities.defined());
  EXPECT_NEAR(p.output.at(0), 21, 1e-4);
  EXPECT_EQ(p.csv().substr(0, 6), "price\n");
  EXPECT_TRUE(evaluate(folder / "run").confusion.empty());
}

TEST(Use, OneSigmoidUnitTellsTwoClassesApart) {
  const TemporaryFolder folder;
  RunConfig c = config_of({{"data", "make_blobs:n_samples=60,centers=2,cluster_std=0.5,seed=2"},
                           {"loss", "sigmoid_cross_entropy"},
                           {"epochs", "60"},
                           {"batch_size", "10"},
                           {"lr", "0.05"},
                           {"out", (folder / "run").string()}});
  c.layers = nn::parse_model("layers = [{ dense = 1 }]", "m");
  const TrainResult result = train(c);
  EXPECT_EQ(*result.train->accuracy, 1);
  const EvalResult scored = evaluate(folder / "run");
  EXPECT_EQ(scored.confusion, (std::vector<std::vector<std::int64_t>>{{30, 0}, {0, 30}}));
  const Predictions p = predict(load_model(folder / "run"), Tensor::of<float>({1, 2}, {3, -1}));
  EXPECT_NEAR(p.probabilities.at(1), 1 / (1 + std::exp(-p.output.at(0))), 1e-6);
  EXPECT_NEAR(p.probabilities.at(0) + p.probabilities.at(1), 1, 1e-6);
}

TEST(Use, PlainNumbersInCsvForAModelOfArrays) {
  const TemporaryFolder folder;
  RunConfig c = config_of({{"data", "make_moons"}, {"epochs", "1"}, {"out", (folder / "run").string()}});
  c.layers = small_mlp();
  train(c);
  write_text(folder / "new.csv", "a,b\n0.5,0.25\n-1,2\n");
  const Predictions p = predict(folder / "run", folder / "new.csv");
  const Tensor x = Tensor::of<double>({2, 2}, {0.5, 0.25, -1, 2});
  EXPECT_TRUE(p.output.same_bits(run_model(folder / "run", x)));
  // One example without a batch axis.
  EXPECT_EQ(run_model(folder / "run", Tensor::of<float>(Shape{2}, {0.5f, 0.25f})).shape(), (Shape{1, 2}));
  write_text(folder / "wide.csv", "1,2,3,4\n");
  expect_error(
      [&] { predict(folder / "run", folder / "wide.csv"); }, Fault::data,
      (folder / "wide.csv").string() + ": the model takes 2 numbers an example, the file has 4 columns.");
}

TEST(Use, PartsByName) {
  EXPECT_EQ(parse_part("val"), Part::val);
  expect_error([] { parse_part("tset"); }, Fault::usage,
               "--split: one of train, val, test, all was needed, got 'tset'. Did you mean 'test'?");
}

}  // namespace
}  // namespace gradus::train
