#include "gradus/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

namespace gradus::metrics {
namespace {

// 5 of class 0, 3 of class 1, none of class 2 (which is said once) and none at all of class 3.
const std::vector<std::vector<std::int64_t>> kConfusion = {
    {4, 1, 0, 0}, {1, 1, 1, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}};

TEST(ClassReport, FollowsFromTheConfusionTable) {
  const ClassReport report = class_report(kConfusion);
  EXPECT_EQ(report.classes[0].support, 5);
  EXPECT_EQ(report.classes[0].predicted, 5);
  EXPECT_DOUBLE_EQ(report.classes[0].precision, 0.8);
  EXPECT_DOUBLE_EQ(report.classes[0].f1, 0.8);
  EXPECT_DOUBLE_EQ(report.classes[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(report.classes[1].recall, 1.0 / 3);
  EXPECT_DOUBLE_EQ(report.classes[1].f1, 0.4);
  EXPECT_EQ(report.classes[2].precision, 0) << "never right";
  EXPECT_EQ(report.classes[2].recall, 0) << "0 / 0";
  EXPECT_FALSE(report.classes[3].occurs());
  EXPECT_DOUBLE_EQ(report.macro.f1, (0.8 + 0.4) / 3) << "of the three that occur";
  EXPECT_DOUBLE_EQ(report.weighted.f1, (5 * 0.8 + 3 * 0.4) / 8);
  EXPECT_DOUBLE_EQ(report.micro.precision, 5.0 / 8);
  EXPECT_DOUBLE_EQ(report.micro.recall, 5.0 / 8);
}

TEST(ClassReport, OfNothingIsZero) {
  const ClassReport report = class_report(std::vector<ClassScores>(2));
  EXPECT_EQ(report.macro.f1, 0);
  EXPECT_EQ(report.weighted.precision, 0);
}

TEST(TopK, CountsTheFirstOfEqualOnesAsLarger) {
  const std::vector<double> row = {1, 3, 3, 0};
  const auto places = [&](std::int64_t k) {
    std::vector<bool> in;
    for (std::int64_t label = 0; label < 4; ++label) in.push_back(in_top_k(row, label, k));
    return in;
  };
  EXPECT_EQ(places(1), (std::vector<bool>{false, true, false, false}));
  EXPECT_EQ(places(2), (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(places(4), std::vector<bool>(4, true));
}

TEST(RocAuc, CountsTheRightlyOrderedPairs) {
  const std::vector<double> scores = {0.1, 0.4, 0.35, 0.8};
  EXPECT_DOUBLE_EQ(*roc_auc(scores, std::vector<std::uint8_t>{0, 0, 1, 1}), 0.75);  // 3 of 4 pairs
  EXPECT_DOUBLE_EQ(*roc_auc(scores, std::vector<std::uint8_t>{1, 1, 0, 0}), 0.25);
  const std::vector<double> ties = {1, 1, 1, 2};
  EXPECT_DOUBLE_EQ(*roc_auc(ties, std::vector<std::uint8_t>{0, 1, 0, 1}), 0.75);  // 2 + 2 / 2 of 4
  EXPECT_DOUBLE_EQ(*roc_auc(std::vector<double>(4, 0.5), std::vector<std::uint8_t>{0, 1, 0, 0}), 0.5);
  EXPECT_FALSE(roc_auc(scores, std::vector<std::uint8_t>(4, 1)));
  EXPECT_FALSE(roc_auc({}, {}));
}

TEST(Regression, MatchesNumbersByHand) {
  RegressionScores scores(2);
  scores.add(std::vector<double>{2, 0}, std::vector<double>{1, 0});
  scores.add(std::vector<double>{2, 1}, std::vector<double>{3, 0});
  EXPECT_DOUBLE_EQ(scores.mse(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(scores.mae(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(*scores.r2(), 0) << "1 - 2 / 2 = 0, and 0 for the constant target that is missed";
  RegressionScores constant(1);
  constant.add(std::vector<double>{0.1}, std::vector<double>{0.1});
  EXPECT_FALSE(constant.r2()) << "one example has no variance";
  constant.add(std::vector<double>{0.1}, std::vector<double>{0.1});
  EXPECT_EQ(constant.r2(), 1.0);
}

TEST(Regression, LosesNothingFarFromZero) {
  RegressionScores scores(1);
  for (const double y : {1e9, 1e9 + 1, 1e9 + 2})
    scores.add(std::vector<double>{1e9 + 1}, std::vector<double>{y});
  EXPECT_NEAR(*scores.r2(), 0, 1e-9);
}

// The numbers of tests/golden/make_metrics.py and its formulas.
std::int64_t q(std::int64_t k) { return (31 * k * k + 7919 * k + 17) % 10007; }

class Golden : public testing::Test {
 protected:
  Golden() {
    std::ifstream file(GRADUS_GOLDEN "/metrics.txt");
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string name;
      words >> name;
      for (double value; words >> value;) golden[name].push_back(value);
    }
  }

  void expect(const std::string& name, const std::vector<double>& values) const {
    ASSERT_TRUE(golden.contains(name)) << name;
    const std::vector<double>& wanted = golden.at(name);
    ASSERT_EQ(values.size(), wanted.size()) << name;
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(values[i], wanted[i], 1e-12) << name << " " << i;
  }

  void expect(const std::string& name, const ClassReport& report) const {
    for (std::size_t k = 0; k < report.classes.size(); ++k) {
      const ClassScores& c = report.classes[k];
      expect(name + "_" + std::to_string(k), {c.precision, c.recall, c.f1, static_cast<double>(c.support)});
    }
    for (const auto& [average, scores] :
         {std::pair{"_macro", report.macro}, std::pair{"_weighted", report.weighted},
          std::pair{"_micro", report.micro}})
      expect(name + average, {scores.precision, scores.recall, scores.f1});
  }

  std::map<std::string, std::vector<double>> golden;
};

TEST_F(Golden, Classes) {
  std::vector<std::vector<std::int64_t>> confusion(6, std::vector<std::int64_t>(6, 0));
  double top[4] = {};
  for (std::int64_t i = 0; i < 200; ++i) {
    const std::int64_t is = q(i) % 5;
    std::vector<double> row;
    for (std::int64_t j = 0; j < 6; ++j)
      row.push_back(static_cast<double>(q(1000 + 7 * i + j) % 23 + (j == is ? 4 : 0)));
    for (std::int64_t k = 1; k < 4; ++k) top[k] += in_top_k(row, is, k) / 200.0;
    std::int64_t said = 0;
    while (!in_top_k(row, said, 1)) ++said;
    ++confusion[static_cast<std::size_t>(is)][static_cast<std::size_t>(said)];
  }
  expect("classes", class_report(confusion));
  expect("accuracy", {class_report(confusion).micro.f1});
  for (int k = 1; k < 4; ++k) expect("top_" + std::to_string(k), {top[k]});
}

TEST_F(Golden, RocAuc) {
  std::vector<double> scores;
  std::vector<std::uint8_t> is;
  for (std::int64_t i = 0; i < 150; ++i) {
    is.push_back(static_cast<std::uint8_t>(q(5000 + i) % 2));
    scores.push_back(static_cast<double>(q(6000 + i) % 17 + 3 * is.back()));
  }
  expect("roc_auc", {*roc_auc(scores, is)});
}

TEST_F(Golden, Labels) {
  std::vector<ClassScores> labels(4);
  double all_right = 0;
  for (std::int64_t i = 0; i < 120; ++i) {
    bool all = true;
    for (std::int64_t j = 0; j < 4; ++j) {
      const bool is = q(7000 + 4 * i + j) % 3 == 0;
      const bool said = q(i) % 2 == 0 ? is : q(9000 + 4 * i + j) % 3 == 0;
      ClassScores& label = labels[static_cast<std::size_t>(j)];
      label.support += is, label.predicted += said, label.right += is && said;
      all = all && is == said;
    }
    all_right += all;
  }
  expect("labels", class_report(labels));
  expect("subset_accuracy", {all_right / 120});
}

TEST_F(Golden, Regression) {
  RegressionScores scores(3);
  for (std::int64_t i = 0; i < 90; ++i) {
    std::vector<double> is, said;
    for (std::int64_t j = 0; j < 3; ++j) {
      is.push_back(static_cast<double>(q(2000 + 3 * i + j)) / 1000);
      said.push_back(is.back() + static_cast<double>(q(4000 + 3 * i + j)) / 5000 - 1);
    }
    scores.add(said, is);
  }
  expect("mse", {scores.mse()});
  expect("mae", {scores.mae()});
  expect("r2", {*scores.r2()});
}

}  // namespace
}  // namespace gradus::metrics
