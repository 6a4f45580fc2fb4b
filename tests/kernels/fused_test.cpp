// Fused bodies at the borders of their tiles and units, against the reference and on several threads.
#include <gtest/gtest.h>

#include "compiler/program.h"
#include "kernels/large.h"

namespace gradus {
namespace {

// A table x, with a row, a column and a single number over it.
std::vector<Type> operands(std::int64_t rows, std::int64_t columns, DType dtype) {
  return {{dtype, {rows, columns}},
          {dtype, {rows, columns}},
          {dtype, {columns}},
          {dtype, {rows, 1}},
          {dtype, {}}};
}

Value mix(const Values& v) { return relu((v[0] - v[2]) * v[3] + v[4] * v[1]) - v[3]; }

// What an optimizer with running averages computes.
Value step(const Values& v) {
  const Value average = v[0] * v[4] + v[1] * v[2];
  const Value power = abs(v[0]) * 0.5 + square(v[1]) * 0.25;
  const Value moved = v[0] - average / (sqrt(power) * v[3] + 2.5) * v[4];
  return moved + (power - v[2] * (v[1] / (2.5 + v[3] * sqrt(power))));
}

// What normalization computes forward and, where a relu lets gradients through, backward.
Value normalized(const Values& v) {
  const Value x = relu((v[0] - v[2]) * v[3] + v[4]), centred = v[1] - v[2];
  const Value gate =
      select(greater(relu(v[3] * centred + v[4]), constant(v[0].graph(), Tensor::scalar(0, v[0].dtype()))),
             v[0], constant(v[0].graph(), Tensor::scalar(0, v[0].dtype())));
  return x + centred * gate + (v[2] + v[4] * (v[1] - v[3]));
}

std::vector<LargeCase> cases() {
  std::vector<LargeCase> list;
  const std::vector<std::pair<std::int64_t, std::int64_t>> sizes = {
      {1, 1},     {1, 17},     {7, 1},    {3, 5},    {1000, 3},   {33, 511},
      {33, 512},  {9, 513},    {5, 1023}, {5, 1024}, {129, 1025}, {4099, 16},
      {70000, 2}, {20001, 12}, {3, 8191}, {3, 8192}, {2, 20000},  {1, 30001}};
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const auto& [rows, columns] : sizes) {
      const auto in = operands(rows, columns, dtype);
      const std::string size =
          std::to_string(rows) + "_by_" + std::to_string(columns) + "_" + std::string(name(dtype));
      const auto add = [&](const std::string& what, std::function<Value(const Values&)> build) {
        list.push_back({what + "_" + size, in, std::move(build), "simd.fused", true, {}});
      };
      add("table", mix);
      add("step", step);
      add("normalized", normalized);
      add("product_sums", [](const Values& v) { return sum((v[0] - v[2]) * v[1], {.axes = {0}}); });
      add("square_sum", [](const Values& v) {
        const Value y = mix(v);
        return sum(y * y);
      });
      add("scaled_sums", [](const Values& v) { return sum(mix(v) * v[4], {.axes = {0}}); });
      add("column_sums", [](const Values& v) { return sum(mix(v), {.axes = {0}}); });
      add("sum_of_all", [](const Values& v) { return sum(mix(v)); });
    }
  }
  return list;
}

class FusedKernels : public testing::TestWithParam<LargeCase> {};

TEST_P(FusedKernels, AgreeWithTheReferenceOnAnyThreads) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, FusedKernels, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

// Steps in one are rounded as they are apart.
TEST(FusedKernel, HasTheBitsOfItsSteps) {
  for (const auto build : {step, normalized}) {
    for (const DType dtype : {DType::f32, DType::f64}) {
      LargeCase c{"", operands(37, 211, dtype), build, "", true, {}};
      std::vector<Tensor> inputs;
      for (const Type& type : c.in)
        inputs.push_back(random_tensor(type, static_cast<std::uint32_t>(inputs.size())));
      inputs[0].set(5, std::nan(""));
      std::string kernels;
      const Tensor fused = run_compiled(c, inputs, 1, &kernels);
      EXPECT_NE(kernels.find("simd.fused"), std::string::npos) << kernels;
      c.disabled = {"fuse"};
      EXPECT_TRUE(fused.same_bits(run_compiled(c, inputs, 1)));
    }
  }
}

// New values take the places of old ones that are still read.
TEST(FusedKernel, KeepsWhatItStillReads) {
  for (const std::int64_t n : {3, 1000, 5000}) {
    const Type type{DType::f64, {n}};
    const Variable a("a", type), b("b", type);
    const Tensor start_a = random_tensor(type, 1), start_b = random_tensor(type, 2);
    a.set(start_a);
    b.set(start_b);
    Graph graph;
    const Value old_a = read(graph, a), old_b = read(graph, b);
    const Value next_a = old_a * 0.5 + old_b;
    assign(a, next_a);
    assign(b, next_a - old_a);
    const auto program = compile(graph, {.threads = 1});
    EXPECT_EQ(program->instructions.size(), 1u) << describe(*program);
    Session session(program);
    session.run();
    for (std::int64_t i = 0; i < n; ++i) {
      const double expected = start_a.at(i) * 0.5 + start_b.at(i);
      ASSERT_DOUBLE_EQ(a.value().at(i), expected);
      ASSERT_DOUBLE_EQ(b.value().at(i), expected - start_a.at(i));
    }
  }
}

}  // namespace
}  // namespace gradus
