// Ops that say how they work on some rows must give those rows, or sums that add up.
#include <gtest/gtest.h>

#include "kernels/reference/run.h"
#include "ops/sample_graph.h"
#include "support/evaluate.h"

namespace gradus {
namespace {

constexpr std::int64_t kCut = 1;  // the first part has one row

SliceOptions cut_of(const Shape& shape, std::int64_t begin, std::int64_t end) {
  SliceOptions options{.begin = std::vector<std::int64_t>(static_cast<std::size_t>(shape.rank())),
                       .end = shape.list()};
  options.begin[0] = begin;
  options.end[0] = end;
  return options;
}

class OnRowsOps : public testing::TestWithParam<const OpDef*> {
 protected:
  // Compares the sample with its form on two parts; false if it has none.
  static bool agrees(const OpSample& sample) {
    SampleGraph g(*sample.op, sample.sample(), DType::f64);
    std::vector<Type> types;
    std::vector<bool> may_cut;
    const std::int64_t rows = g.xs[0].shape().rank() > 0 ? g.xs[0].shape()[0] : 0;
    if (rows < 2) return false;
    for (const Value& x : g.xs) {
      types.push_back(x.type());
      may_cut.push_back(x.shape().rank() == g.xs[0].shape().rank() && x.shape()[0] == rows);
    }
    std::vector<Values> parts;
    std::vector<bool> out;
    for (const auto& [begin, end] : {std::pair{std::int64_t{0}, kCut}, {kCut, rows}}) {
      const Attrs& attrs = g.ys[0].node().attrs;
      const std::optional<OnRows> form = sample.op->on_rows(attrs, types, may_cut, end - begin);
      if (!form) return false;
      Values in = g.xs;
      for (std::size_t i = 0; i < in.size(); ++i)
        if (form->in[i]) in[i] = slice(in[i], cut_of(in[i].shape(), begin, end));
      parts.push_back(g.graph.add_all(*sample.op, form->attrs, in));
      out = form->out;
    }
    Values all = g.ys;
    EXPECT_EQ(out.size(), g.ys.size());
    for (std::size_t i = 0; i < g.ys.size(); ++i)
      all.push_back(out[i] ? concat({parts[0][i], parts[1][i]}, {.axis = 0}) : parts[0][i] + parts[1][i]);
    const auto tensors = reference::run(g.graph, all, reference::feed_inputs(g.graph, g.tensors));
    for (std::size_t i = 0; i < g.ys.size(); ++i) {
      EXPECT_EQ(all[i].type(), all[i + g.ys.size()].type()) << sample.name();
      const auto expected = numbers(tensors[i]), got = numbers(tensors[i + g.ys.size()]);
      for (std::size_t k = 0; k < expected.size(); ++k)
        EXPECT_NEAR(got[k], expected[k], 1e-12 * std::max(1.0, std::abs(expected[k])))
            << sample.name() << ", output " << i;
    }
    return true;
  }
};

TEST_P(OnRowsOps, GiveTheSameNumbers) {
  int compared = 0;
  for (std::size_t i = 0; i < GetParam()->samples().size(); ++i) compared += agrees({GetParam(), i});
  EXPECT_GT(compared, 0);
}

TEST(OnRows, HasNoFormWhereRowsDependOnEachOther) {
  Graph graph;
  const Value x = input(graph, {DType::f32, {4, 3}}), y = input(graph, {DType::f32, {4, 3}});
  const auto form = [](const Value& v, std::vector<bool> may_cut) {
    std::vector<Type> types;
    for (const Value& in : v.node().in) types.push_back(in.type());
    return v.node().op->on_rows(v.node().attrs, types, may_cut, 2);
  };
  EXPECT_FALSE(form(concat({x, y}, {.axis = 0}), {true, true}));
  EXPECT_TRUE(form(concat({x, y}, {.axis = 1}), {true, true}));
  EXPECT_FALSE(form(concat({x, y}, {.axis = 1}), {true, false}));
  EXPECT_FALSE(form(slice(x, {.begin = {1, 0}, .end = {4, 3}}), {true}));
  EXPECT_FALSE(form(slice(x, {.begin = {0, 0}, .end = {4, 3}, .step = {2, 1}}), {true}));
  EXPECT_TRUE(form(slice(x, {.begin = {0, 1}, .end = {4, 3}}), {true}));
  EXPECT_FALSE(form(sum(x, {.axes = {0}}), {false}));
  EXPECT_FALSE(form(sum(cast(x, DType::i32), {.axes = {0}}), {true}))
      << "strips add floating-point sums only";
}

std::vector<const OpDef*> ops_on_rows() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : builtin_ops()) {
    if (op->on_rows) ops.push_back(op);
  }
  return ops;
}

INSTANTIATE_TEST_SUITE_P(Ops, OnRowsOps, testing::ValuesIn(ops_on_rows()),
                         [](const auto& each) { return each.param->name; });

}  // namespace
}  // namespace gradus
