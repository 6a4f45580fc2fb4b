// Values as formulas: what binds how strongly, and what is left out.
#include "train/formula.h"

#include <gtest/gtest.h>

#include "gradus/ops.h"

namespace gradus::train {
namespace {

class Formula : public ::testing::Test {
 protected:
  Value named(const char* symbol, const Shape& shape = {2, 2}) {
    const Value value = input(graph, {DType::f32, shape}, "input");
    symbols.name(value, symbol);
    return value;
  }
  std::string text(const Value& value) const { return formula(value, symbols); }

  Graph graph;
  Symbols symbols;
  Value a = named("a"), b = named("b"), c = named("c");
};

TEST_F(Formula, BracketsStandWhereTheyAreNeeded) {
  EXPECT_EQ(text(a + b * c), "a + b * c");
  EXPECT_EQ(text((a + b) * c), "(a + b) * c");
  EXPECT_EQ(text(a - (b - c)), "a - (b - c)");
  EXPECT_EQ(text((a - b) - c), "a - b - c");
  EXPECT_EQ(text(a / (b * c)), "a / (b * c)");
  EXPECT_EQ(text(-(a + b)), "-(a + b)");
  EXPECT_EQ(text(a - -b), "a - (-b)");
  EXPECT_EQ(text(a * -2.0), "a * (-2)");
}

TEST_F(Formula, ProductsOfMatricesStandSideBySide) {
  EXPECT_EQ(text(matmul(a, b)), "a b");
  EXPECT_EQ(text(matmul(a, b, {.transpose_a = true, .transpose_b = true})), "a^T b^T");
  EXPECT_EQ(text(matmul(a + b, c)), "(a + b) c");
  EXPECT_EQ(text(matmul(matmul(a, b), c)), "(a b) c");
  EXPECT_EQ(text(matmul(a, b) + c), "a b + c");
}

TEST_F(Formula, OtherOpsAreCalls) {
  EXPECT_EQ(text(tanh(a + b)), "tanh(a + b)");
  EXPECT_EQ(text(select(greater(a, b), b, c)), "select(a > b, b, c)");
  const Value image = named("x", {2, 3, 4, 4});
  EXPECT_EQ(text(max_pool2d_winners(image).winners), "max_pool2d(x)[1]");
}

TEST_F(Formula, ShapesAndFactorsOfOneAreLeftOut) {
  EXPECT_EQ(text(reshape(a, {4})), "a");
  EXPECT_EQ(text(broadcast_to(reshape(tanh(a), {1, 4}), {3, 4})), "tanh(a)");
  EXPECT_EQ(text(cast(a, DType::f64)), "a");
  EXPECT_EQ(text(full(graph, a.type(), 1) * b), "b");
}

TEST_F(Formula, ANameEndsIt) {
  const Value sum = a + b;
  symbols.name(sum, "s");
  symbols.name(sum, "later");
  EXPECT_EQ(text(tanh(sum)), "tanh(s)");
  EXPECT_EQ(text(sum), "a + b");
  EXPECT_EQ(formula(sum, symbols, /*itself=*/true), "s");
}

TEST_F(Formula, LongOnesAreCutOff) {
  Value deep = a;
  for (int i = 0; i < 30; ++i) deep = tanh(deep);
  EXPECT_EQ(text(deep).substr(0, 10), "tanh(tanh(");
  EXPECT_NE(text(deep).find("...)"), std::string::npos);
  Value wide = a;
  for (int i = 0; i < 6; ++i) wide = tanh(wide + b) * tanh(wide - b);
  EXPECT_LE(text(wide).size(), 243u);
  EXPECT_EQ(text(wide).substr(text(wide).size() - 3), "...");
}

}  // namespace
}  // namespace gradus::train
