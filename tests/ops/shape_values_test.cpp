// Reductions, and ops that move elements, against known numbers.
#include "ops/evaluate.h"
#include "support/expect_error.h"

namespace gradus {
namespace {

class Places : public testing::Test {
 protected:
  Graph graph;
  Value v(const Numbers& list, DType dtype = DType::f64) { return numbers(graph, list, dtype); }
  Value matrix(const Numbers& list, std::int64_t columns) {
    return numbers(graph, list, DType::f64, columns);
  }
};

TEST_F(Places, Mean) {
  const Value x = matrix({1, 2, 3, 4, 5, 9}, 3);
  expect_numbers(mean(x), {4});
  expect_numbers(mean(x, {.axes = {0}}), {2.5, 3.5, 6});
  EXPECT_EQ(mean(x, {.axes = {-1}, .keep_dims = true}).shape(), (Shape{2, 1}));
  expect_numbers(slope(mean(x, {.axes = {1}}), x), Numbers(6, 1.0 / 3));
  expect_error(
      [&] {
        mean(constant(graph, Tensor(DType::f32, {3, 0})), {.axes = {1}});
      },
      Fault::model, "mean: x [3, 0] has no elements along the axes; there is no mean of nothing.");
  expect_error([&] { mean(v({1}, DType::i64)); }, Fault::model,
               "mean: x must be f32 or f64, it is i64[1]. cast() it first.");
}

TEST_F(Places, MaxAndArgmaxTakeTheFirstOfEqualWinners) {
  const Value x = matrix({1, 7, 7, -2, -2, -3}, 3);
  expect_numbers(max(x), {7});
  expect_numbers(max(x, {.axes = {1}}), {7, -2});
  expect_numbers(max(x, {.axes = {0}}), {1, 7, 7});
  expect_numbers(argmax(x), {1, 0});
  expect_numbers(argmax(x, {.axis = 0}), {0, 0, 0});
  expect_numbers(slope(max(x), x), {0, 1, 0, 0, 0, 0});
  expect_numbers(slope(max(x, {.axes = {1}}), x), {0, 1, 0, 1, 0, 0});
  const Value nan = v({1, std::nan(""), 3});
  expect_numbers(max(nan), {std::nan("")});
  expect_numbers(argmax(nan), {1});
}

TEST_F(Places, Transpose) {
  const Value x = matrix({1, 2, 3, 4, 5, 6}, 3);
  expect_numbers(transpose(x), {1, 4, 2, 5, 3, 6});
  expect_numbers(transpose(x, {-1, 0}), {1, 4, 2, 5, 3, 6});
  EXPECT_EQ(transpose(x, {0, 1}), x);
}

TEST_F(Places, SliceAndPad) {
  const Value x = matrix({1, 2, 3, 4, 5, 6, 7, 8}, 4);
  expect_numbers(slice(x, {.begin = {0, 1}, .end = {2, 3}}), {2, 3, 6, 7});
  expect_numbers(slice(x, {.begin = {1, 0}, .end = {2, 4}, .step = {1, 3}}), {5, 8});
  expect_numbers(slope(slice(x, {.begin = {0, 1}, .end = {1, 4}, .step = {1, 2}}), x),
                 {0, 1, 0, 1, 0, 0, 0, 0});
  const Value y = v({1, 2});
  expect_numbers(pad(y, {.before = {1}, .after = {2}, .value = 9}), {9, 1, 2, 9, 9});
  expect_numbers(pad(y, {.between = {2}}), {1, 0, 0, 2});
}

TEST_F(Places, Concat) {
  const Value a = matrix({1, 2, 3, 4}, 2), b = matrix({5, 6}, 1);
  expect_numbers(concat({a, b}, {.axis = 1}), {1, 2, 5, 3, 4, 6});
  expect_numbers(concat({a, transpose(b)}, {.axis = 0}), {1, 2, 3, 4, 5, 6});
  expect_error([] { concat({}, {}); }, Fault::model, "concat: it takes at least 1 inputs, got 0.");
}

TEST_F(Places, GatherAndScatter) {
  const Value x = matrix({1, 2, 3, 4, 5, 6}, 2);
  for (const DType dtype : {DType::i32, DType::i64}) {
    const Value rows = v({2, 0, 2}, dtype);
    expect_numbers(gather(x, rows), {5, 6, 1, 2, 5, 6});
    expect_numbers(slope(gather(x, rows), x), {1, 1, 0, 0, 2, 2});
    expect_numbers(scatter_add(x, rows, {.rows = 4}), {3, 4, 0, 0, 6, 8, 0, 0});
    expect_numbers(one_hot(rows, {.classes = 3}), {0, 0, 1, 1, 0, 0, 0, 0, 1});
  }
}

TEST_F(Places, IndicesOutsideAreRefusedByNumber) {
  const Value x = matrix({1, 2, 3, 4, 5, 6}, 2);
  const auto refused = [&](const Value& y, const std::string& message) {
    expect_error([&] { evaluate(y); }, Fault::data, y.node().where() + ": " + message);
  };
  refused(gather(x, v({0, 3}, DType::i64)),
          "gather: element 1 of rows is 3; at least 0 and less than 3 was needed. Check the data.");
  refused(gather(x, v({-1}, DType::i32)),
          "gather: element 0 of rows is -1; at least 0 and less than 3 was needed. Check the data.");
  refused(scatter_add(x, v({0, 1, 2}, DType::i64), {.rows = 2}),
          "scatter_add: element 2 of rows is 2; at least 0 and less than 2 was needed. Check the data.");
  refused(one_hot(v({0, 10}, DType::i64), {.classes = 10}),
          "one_hot: element 1 of labels is 10; at least 0 and less than 10 was needed. Check the data.");
  refused(softmax_cross_entropy(x, v({0, 1, 2}, DType::i64)).node().in[0].node().in[0],
          "softmax_cross_entropy: element 2 of labels is 2; at least 0 and less than 2 was needed. Check the "
          "data.");
}

}  // namespace
}  // namespace gradus
