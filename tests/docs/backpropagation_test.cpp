// The worked numbers of docs/backpropagation.md, line by line, against the engine's own.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "gradus/compile.h"
#include "gradus/grad.h"
#include "gradus/ops.h"

namespace gradus {
namespace {

using Numbers = std::vector<double>;

// Every "name = value" of the guide's blocks marked `numbers`; brackets and row ends are separators.
std::map<std::string, Numbers> read_guide() {
  std::ifstream file(GRADUS_GUIDE);
  std::map<std::string, Numbers> result;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = line == "```numbers";
      continue;
    }
    const auto equals = line.find(" = ");
    if (!inside || equals == std::string::npos) continue;
    std::string values = line.substr(equals + 3);
    for (char& c : values) {
      if (c == '[' || c == ']' || c == ',' || c == ';') c = ' ';
    }
    std::istringstream stream(values);
    for (double value; stream >> value;) result[line.substr(0, equals)].push_back(value);
  }
  return result;
}

class Guide : public testing::Test {
 protected:
  Tensor tensor(const std::string& name, const Shape& shape) {
    used_.insert(name);
    return Tensor::of<double>(shape, std::span<const double>(guide_.at(name)));
  }
  Variable variable(const std::string& name, const Shape& shape) {
    Variable v(name, {DType::f64, shape});
    v.set(tensor(name, shape));
    return v;
  }
  // Within half a unit of the last printed digit.
  void expect(const std::string& name, const Tensor& value, double tolerance = 0.5000001e-6) {
    SCOPED_TRACE(name);
    used_.insert(name);
    ASSERT_EQ(guide_.count(name), 1u);
    const Numbers& printed = guide_.at(name);
    ASSERT_EQ(static_cast<std::int64_t>(printed.size()), value.size());
    for (std::int64_t i = 0; i < value.size(); ++i) {
      EXPECT_NEAR(printed[static_cast<std::size_t>(i)], value.at(i), tolerance) << "element " << i;
    }
  }
  std::map<std::string, Numbers> guide_ = read_guide();
  std::set<std::string> used_;
};

TEST_F(Guide, TheNetworkOfTwoTwoOne) {
  const Variable w1 = variable("W1", {2, 2}), b1 = variable("b1", {2}), w2 = variable("W2", {1, 2}),
                 b2 = variable("b2", {1});
  const std::vector<Variable> parameters = {w1, b1, w2, b2};
  const double rate = guide_.at("learning_rate").at(0);

  Graph graph;
  const Value x = input(graph, {DType::f64, {1, 2}}, "x"), t = input(graph, {DType::f64, {1, 1}}, "t");
  const Value z1 = matmul(x, read(graph, w1), {.transpose_b = true}) + read(graph, b1), a1 = sigmoid(z1);
  const Value z2 = matmul(a1, read(graph, w2), {.transpose_b = true}) + read(graph, b2), y = sigmoid(z2);
  const Value loss = mean_squared_error(y, t);
  const Values slopes = gradients(
      loss, Values{y, z2, a1, z1, read(graph, w1), read(graph, b1), read(graph, w2), read(graph, b2)});
  const std::vector<std::pair<std::string, Value>> results = {
      {"z1", z1},         {"a1", a1},         {"z2", z2},         {"y", y},           {"loss", loss},
      {"dy", slopes[0]},  {"dz2", slopes[1]}, {"da1", slopes[2]}, {"dz1", slopes[3]}, {"dW1", slopes[4]},
      {"db1", slopes[5]}, {"dW2", slopes[6]}, {"db2", slopes[7]}};
  for (const auto& [name, value] : results) graph.output(value, name);
  for (std::size_t i = 0; i < 4; ++i)
    assign(parameters[i], read(graph, parameters[i]) - rate * slopes[4 + i]);

  Session step(compile(graph));
  step.feed(0, tensor("x", {1, 2}));
  step.feed(1, tensor("t", {1, 1}));
  step.run();
  for (std::size_t i = 0; i < results.size(); ++i) expect(results[i].first, step.output(i));
  expect("W1_new", w1.value());
  expect("b1_new", b1.value());
  expect("W2_new", w2.value());
  expect("b2_new", b2.value());

  step.run();  // the forward pass with the new parameters
  expect("y_new", step.output(3));
  expect("loss_new", step.output(4));

  const auto loss_at = [&](double weight) {
    for (const auto& [name, v] :
         std::map<std::string, Variable>{{"W1", w1}, {"b1", b1}, {"W2", w2}, {"b2", b2}}) {
      v.set(tensor(name, v.type().shape));
    }
    w1.value().set(0, weight);
    step.run();
    return step.output(4).clone();
  };
  const double h = guide_.at("h").at(0), w = guide_.at("W1").at(0);
  const Tensor plus = loss_at(w + h), minus = loss_at(w - h);
  expect("loss_plus", plus, 0.5000001e-10);
  expect("loss_minus", minus, 0.5000001e-10);
  expect("dW1_00_numeric", Tensor::scalar((plus.at(0) - minus.at(0)) / (2 * h), DType::f64));
}

TEST_F(Guide, SoftmaxCrossEntropy) {
  Graph graph;
  const Value logits = input(graph, {DType::f64, {1, 3}}, "logits"),
              label = input(graph, {DType::i64, {1}}, "label");
  const Value largest = max(logits), shifted = logits - largest, exponentials = exp(shifted);
  const Value total = sum(exponentials), loss = softmax_cross_entropy(logits, label);
  const std::vector<std::pair<std::string, Value>> results = {
      {"max_logit", largest},
      {"shifted", shifted},
      {"exponentials", exponentials},
      {"sum_exponentials", total},
      {"log_sum_exp", largest + log(total)},
      {"cross_entropy", loss},
      {"probabilities", softmax(logits)},
      {"target", one_hot(label, {.classes = 3, .dtype = DType::f64})},
      {"dlogits", gradients(loss, Values{logits})[0]}};
  for (const auto& [name, value] : results) graph.output(value, name);
  Session session(compile(graph));
  session.feed(0, tensor("logits", {1, 3}));
  session.feed(1, tensor("label", {1}).cast(DType::i64));
  session.run();
  for (std::size_t i = 0; i < results.size(); ++i) expect(results[i].first, session.output(i));
}

}  // namespace
}  // namespace gradus
