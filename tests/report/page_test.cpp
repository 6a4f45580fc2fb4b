// Pages of runs that no one trained: what each history and result is told as.
#include "app/report/page.h"

#include <gtest/gtest.h>

#include <cmath>

#include "app/report/curves.h"
#include "app/report/evenly.h"
#include "app/report/results.h"
#include "support/markup_problem.h"

namespace gradus::report {
namespace {

RunFacts facts_of(const std::string& dir) {
  RunFacts facts;
  facts.dir = dir;
  facts.config.data = "make_moons";
  facts.config.model = "mlp";
  return facts;
}

train::EpochEvent epoch(std::int64_t number, double loss, std::optional<double> val, bool best) {
  train::EpochEvent e;
  e.epoch = number, e.step = 10 * number, e.train = {.loss = loss, .accuracy = 0.5, .n = 8}, e.best = best,
  e.lr = 0.1;
  if (val) e.val = train::Scores{.loss = *val, .accuracy = 0.5, .n = 4};
  return e;
}

TEST(Page, TakesARunWithNothingInIt) {
  const Page page = page_of(facts_of("runs/<b>&\"x\""));
  EXPECT_EQ(markup_problem(page.html, true), "");
  EXPECT_EQ(page.html.find("<b>"), std::string::npos);
  EXPECT_TRUE(page.figures.empty());
  EXPECT_NE(page.html.find("no recorded step yet"), std::string::npos);
  EXPECT_NE(page.html.find("--health-every"), std::string::npos) << "how to get gradient norms";
  EXPECT_NE(page.html.find("gradus train 'runs/&lt;b&gt;&amp;&quot;x&quot;/run.toml'"), std::string::npos)
      << "a shell reads the name as one word";
}

TEST(Page, TellsWhatTheRunNoticed) {
  RunFacts facts = facts_of("run");
  facts.history.findings.push_back(
      {.rule = "dying_units", .place = "layers.1", .step = 40, .evidence = "61 % <dead>", .remedy = "less"});
  const std::string html = page_of(facts).html;
  EXPECT_NE(html.find("61 % &lt;dead&gt;"), std::string::npos);
  facts.history.end = {.cause = train::RunEnd::diverged, .step = 40, .what = "the loss is NaN"};
  EXPECT_NE(summary_text(facts).find("It diverged at step 41: the loss is NaN."), std::string::npos);
}

TEST(Page, TellsWhereTheRunWasTrained) {
  RunFacts facts = facts_of("run");
  EXPECT_NE(page_of(facts).html.find("the history does not tell where the run was trained"),
            std::string::npos);
  train::Environment here = train::environment_of(facts.config);
  here.machine.processor = "Abacus <1>";
  facts.history.environments = {here};
  const std::string one = page_of(facts).html;
  EXPECT_NE(one.find("Abacus &lt;1&gt;"), std::string::npos);
  EXPECT_EQ(one.find("From step"), std::string::npos);
  here.machine.processor = "Antikythera", here.from_step = 30;
  facts.history.environments.push_back(here);
  const std::string both = page_of(facts).html;
  for (const char* part : {"From step 0 on", "Abacus", "From step 30 on", "Antikythera"})
    EXPECT_NE(both.find(part), std::string::npos) << part;
}

TEST(Summary, SaysWhyTrainingEndedAndWhatWasKept) {
  RunFacts facts = facts_of("run");
  facts.config.patience = 3;
  train::TrainResult& result = facts.history.finish.emplace();
  result.epochs = 7, result.steps = 70, result.stopped_early = true, result.best_epoch = 4;
  result.train = {.loss = 0.1, .accuracy = 0.99, .n = 80};
  result.test = {.loss = 0.3, .accuracy = 0.9, .n = 20};
  const std::string text = summary_text(facts);
  for (const char* part :
       {"7 epochs, 70 steps", "had not fallen for 3 epochs", "epoch 4 were kept", "90.00 % of the test"})
    EXPECT_NE(text.find(part), std::string::npos) << part << ": " << text;
  result.test.reset();
  EXPECT_NE(summary_text(facts).find("no examples were held out"), std::string::npos);
}

TEST(Curves, MarkTheBestEpoch) {
  train::RunHistory history;
  EXPECT_FALSE(loss_curves(history) || accuracy_curves(history) || lr_curve(history) ||
               gradient_map(history));
  history.epochs = {epoch(1, 3, 4, true), epoch(2, 2, 3, true), epoch(3, 1, 5, false)};
  EXPECT_EQ(best_epoch(history)->epoch, 2);
  EXPECT_NE(loss_curves(history)->body.find("best: epoch 2"), std::string::npos);
  history.epochs = {epoch(1, 3, {}, true)};
  EXPECT_EQ(best_epoch(history), nullptr) << "no validation part";
  EXPECT_EQ(loss_curves(history)->body.find("best"), std::string::npos);
}

TEST(Curves, LossesFarApartAreDrawnByTheirLogarithms) {
  train::RunHistory history;
  history.epochs = {epoch(1, 3, {}, false), epoch(2, 0.001, {}, false)};
  EXPECT_NE(loss_curves(history)->body.find("loss (log)"), std::string::npos);
  history.epochs.push_back(epoch(3, -1, {}, false));
  EXPECT_EQ(loss_curves(history)->body.find("(log)"), std::string::npos);
}

TEST(Curves, GradientsOfManyLooksAndParametersStayFew) {
  train::RunHistory history;
  for (int step = 0; step < 5000; ++step) {
    train::GradientNorms look{.step = step / 2, .norms = {}};  // each step twice
    for (int i = 0; i < 150; ++i)
      look.norms.emplace_back("layers." + std::to_string(i / 2) + (i % 2 ? ".bias" : ".weight"),
                              std::exp(-i));
    history.gradients.push_back(look);
  }
  const figures::Figure map = *gradient_map(history);
  EXPECT_LT(map.body.size(), 700000u);
  EXPECT_EQ(map.body.find(".bias"), std::string::npos);
  EXPECT_NE(map.body.find("layers.74.weight, step 2499"), std::string::npos) << "the last of both";
}

TEST(Evenly, KeepsTheEnds) {
  EXPECT_EQ(evenly(3, 5), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(evenly(100, 3), (std::vector<std::size_t>{0, 49, 99}));
  EXPECT_EQ(evenly(100, 1), (std::vector<std::size_t>{0}));
  EXPECT_TRUE(evenly(0, 3).empty() && evenly(3, 0).empty());
}

TEST(Results, ConfusionCountsAndNames) {
  train::Review review;
  review.result.confusion = {{3, 1}, {0, 0}};
  review.result.class_names = {"cat", "dog"};
  const std::string body = confusion_map(review)->body;
  EXPECT_NE(body.find("true cat, predicted dog: 1 (25.00 %)"), std::string::npos);
  EXPECT_EQ(frequent_confusions(review), (std::vector<std::string>{"cat taken for dog: 1"}));
  review.result.confusion.assign(100, std::vector<std::int64_t>(100, 1));
  review.result.class_names.assign(100, "c");
  EXPECT_FALSE(confusion_map(review)) << "too many to tell apart";
  EXPECT_EQ(frequent_confusions(review).size(), 8u);
}

TEST(Results, PicturesAreBytes) {
  EXPECT_FALSE(picture_of(Tensor(DType::f32, Shape{4})).defined());
  EXPECT_FALSE(picture_of(Tensor(DType::f32, Shape{2, 4, 4})).defined());
  const Tensor plain = picture_of(Tensor::of<float>(Shape{1, 2, 2}, {0, 0.5F, 1, 0.2F}));
  EXPECT_EQ(plain.at(1), 128);
  const Tensor wide = picture_of(Tensor::of<float>(Shape{1, 2, 2}, {-2, 0, 2, 0}));
  EXPECT_EQ(wide.at(0), 0);
  EXPECT_EQ(wide.at(2), 255);
}

}  // namespace
}  // namespace gradus::report
