#include "base/suggest.h"

#include <gtest/gtest.h>

namespace gradus {
namespace {

TEST(EditDistance, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("adam", "adam"), 0);
  EXPECT_EQ(edit_distance("", "adam"), 4);
  EXPECT_EQ(edit_distance("adam", ""), 4);
  EXPECT_EQ(edit_distance("adam", "adamw"), 1);
  EXPECT_EQ(edit_distance("adam", "aam"), 1);
  EXPECT_EQ(edit_distance("adam", "adem"), 1);
  EXPECT_EQ(edit_distance("adam", "adma"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("ca", "abc"), 3) << "optimal string alignment edits no part twice";
}

TEST(EditDistance, IsSymmetric) {
  for (const auto& [a, b] : {std::pair{"momentum", "moment"}, {"relu", "rule"}, {"conv2d", "dense"}}) {
    EXPECT_EQ(edit_distance(a, b), edit_distance(b, a)) << a << " " << b;
  }
}

TEST(DidYouMean, NamesTheNearestWithinAThirdOfTheLength) {
  const std::vector<std::string> optimizers = {"sgd", "adam", "adamw", "rmsprop"};
  EXPECT_EQ(did_you_mean("rmspop", optimizers), " Did you mean 'rmsprop'?");
  EXPECT_EQ(did_you_mean("adma", optimizers), " Did you mean 'adam'?");
  EXPECT_EQ(did_you_mean("sg", optimizers), " Did you mean 'sgd'?");
  EXPECT_EQ(did_you_mean("lbfgs", optimizers), "");
  EXPECT_EQ(did_you_mean("adam", {}), "");
  EXPECT_EQ(did_you_mean("", optimizers), "");
}

}  // namespace
}  // namespace gradus
