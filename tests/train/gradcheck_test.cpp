#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

RunConfig moons() {
  RunConfig c = config_of({{"data", "make_moons:n_samples=30,noise=0.1"}, {"epochs", "1"}, {"l2", "0.1"}});
  c.layers = small_mlp();
  return c;
}

TEST(Gradcheck, EveryParameterAgrees) {
  const std::vector<GradcheckRow> rows = gradcheck(moons());
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].parameter, "layers.0.weight");
  EXPECT_EQ(rows[0].shape, (Shape{16, 2}));
  for (const GradcheckRow& row : rows) {
    EXPECT_TRUE(row.check.passed()) << row.parameter << ": " << row.check.summary();
    EXPECT_EQ(row.check.checked, row.shape.size());
  }
}

TEST(Gradcheck, TakesTheWeightsOfARun) {
  const TemporaryFolder folder;
  RunConfig c = moons();
  set_from_text(c, "out", (folder / "run").string());
  train(c);
  for (const GradcheckRow& row : gradcheck(folder / "run")) EXPECT_TRUE(row.check.passed());
  expect_error([&] { gradcheck(folder / "none"); }, Fault::model,
               (folder / "none").string() + ": a run's folder was needed, there is none.");
}

}  // namespace
}  // namespace gradus::train
