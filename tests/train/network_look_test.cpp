// A network looked at from outside: against the probe that runs record, and against the model itself.
#include "train/network_look.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "train/probe.h"
#include "train/runs.h"
#include "train/saved_weights.h"

namespace gradus::train {
namespace {

struct Case {
  const char* name;
  const char* layers;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr Case kCases[] = {
    {"mlp", R"(layers = [{ dense = 8 }, "tanh", { dense = 2 }])"},
    {"cnn",
     R"(layers = [{ reshape = [1, 4, 5] }, { conv2d = { filters = 3, kernel = 3, padding = "same" } },
        "batch_norm", "relu", { max_pool2d = 2 }, "flatten", { dropout = 0.5 }, { dense = 2 }])"},
    {"residual",
     R"(layers = [{ reshape = [1, 4, 5] }, 
        { residual = [{ conv2d = { filters = 2, kernel = 3, padding = "same" } }, "relu"] }, "global_avg_pool2d", { dense = 2 }])"},
    {"dense_block",
     R"(layers = [{ reshape = [1, 4, 5] }, { dense_block = { layers = 3, growth = 2 } },
        "global_avg_pool2d", { dense = 2 }])"}};

Prepared run_of(const std::string& layers) {
  RunConfig c = config_of({{"data", "make_classification:n_samples=30"},
                           {"batch_size", "12"},
                           {"steps", "4"},
                           {"precision", "f64"},
                           {"l2", "0.01"},
                           {"threads", "1"}});
  c.layers = nn::parse_model(layers, "looked.toml");
  return prepare(c);
}

class NetworkLookOf : public testing::TestWithParam<Case> {};

TEST_P(NetworkLookOf, IsTheProbes) {
  const Prepared run = run_of(GetParam().layers);
  const LookedBatch batch = batch_of_step(run, 0);
  const Variable counter = make_counter(run.config.seed);
  NetworkProbe probe(run, counter, batch.examples);
  const ProbeEvent event = probe.look({.x = batch.x, .y = batch.y, .weight = {}}, 0);
  const NetworkLook look = look_at(run, batch);
  ASSERT_GE(look.layers.size(), 3u);
  for (const LayerLook& layer : look.layers) {
    const auto known = std::find_if(event.layers.begin(), event.layers.end(),
                                    [&](const LayerProbe& one) { return one.path == layer.path; });
    ASSERT_NE(known, event.layers.end()) << layer.path;
    EXPECT_NEAR(layer.output.mean, known->output.mean, 1e-12) << layer.path;
    EXPECT_NEAR(layer.output.std, known->output.std, 1e-12) << layer.path;
    EXPECT_NEAR(layer.gradient.mean, known->gradient.mean, 1e-12) << layer.path;
    EXPECT_NEAR(layer.gradient.std, known->gradient.std, 1e-12) << layer.path;
  }
  ASSERT_EQ(look.parameters.size(), event.parameters.size());
  for (std::size_t i = 0; i < look.parameters.size(); ++i) {
    EXPECT_NEAR(look.parameters[i].values.norm, event.parameters[i].norm, 1e-12);
    EXPECT_NEAR(look.parameters[i].gradient.norm, event.parameters[i].gradient_norm, 1e-12);
  }
}

TEST_P(NetworkLookOf, OneExampleIsThePrediction) {
  const Prepared run = run_of(GetParam().layers);
  const LookedBatch one = example_to_look_at(run, run.parts.train, 7);
  const NetworkLook look = look_at(run, one, {.mode = LookMode::inference, .keep_arrays = true});
  const Tensor expected = run_model(run.model, run.parts.train.x.rows(7, 8), 1);
  ASSERT_EQ(look.output.size(), expected.size());
  for (std::int64_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(look.output.at(i), expected.at(i), 1e-6) << i;  // run_model gives f32
  EXPECT_EQ(look.layers.back().y.at(0), look.output.at(0));
}

INSTANTIATE_TEST_SUITE_P(Kinds, NetworkLookOf, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& one) { return std::string(one.param.name); });

std::vector<std::string> lines_of(const LayerGraph& graph) {
  std::vector<std::string> lines;
  const auto name = [&](std::int64_t place) {
    return place < 0 ? std::string("x") : graph.layers[static_cast<std::size_t>(place)].path.substr(7);
  };
  for (const LayerNode& layer : graph.layers) {
    std::string line = layer.path.substr(7).append(" ").append(layer.kind).append(" <-");
    for (const std::int64_t read : layer.reads) line.append(" ").append(name(read));
    lines.push_back(line);
  }
  return lines;
}

TEST(LayerGraph, KnowsShortcutsAndWhatABlockReads) {
  const Prepared run = run_of(R"(layers = [{ reshape = [1, 4, 5] }, 
      { residual = ["relu", { conv2d = { filters = 3, kernel = 3, padding = "same" } }] }, { dense_block = { layers = 2, growth = 2 } }, "global_avg_pool2d",
      "flatten", { dense = 2 }])");
  const LayerGraph graph = layer_graph(run);
  EXPECT_EQ(lines_of(graph),
            (std::vector<std::string>{
                "0 reshape <- x", "1 residual <- 1.1 1.2", "1.0 relu <- 0", "1.1 conv2d <- 1.0",
                "1.2 conv2d <- 0", "2 dense_block <- 1 2.0.2 2.1.2", "2.0 sequential <-",
                "2.0.0 batch_norm <- 1", "2.0.1 relu <- 2.0.0", "2.0.2 conv2d <- 2.0.1", "2.1 sequential <-",
                "2.1.0 batch_norm <- 1 2.0.2", "2.1.1 relu <- 2.1.0", "2.1.2 conv2d <- 2.1.1",
                "3 global_avg_pool2d <- 2", "4 flatten <-", "5 dense <- 3"}));
  EXPECT_EQ(graph.layers[5].output, (Shape{1, 7, 4, 5}));
  EXPECT_EQ(graph.layers[7].parent, 6);
  EXPECT_FALSE(graph.layers[15].has_output);  // a flatten of what is flat
  EXPECT_EQ(graph.loss_reads, (std::vector<std::int64_t>{16}));
}

TEST(LayerGraph, SmallBatchesKeepWithinTheirElements) {
  const Prepared run = run_of(kCases[0].layers);
  const LayerGraph graph = layer_graph(run);
  EXPECT_EQ(graph.elements, 8 + 8 + 2);
  EXPECT_EQ(small_batch(run, graph, 1'000'000).examples, 12);
  const LookedBatch few = small_batch(run, graph, 5 * 36);
  EXPECT_EQ(few.x.shape()[0], 5);
  EXPECT_EQ(look_at(run, few).examples, 5);
  EXPECT_EQ(small_batch(run, graph, 1).examples, 1);
}

TEST(Histogram, CountsEveryFiniteElementOnce) {
  const double inf = std::numeric_limits<double>::infinity();
  const Histogram h = histogram_of(Tensor::of<double>(Shape{8}, {0, 0, 1, 4, -inf, std::nan(""), 2, 4}), 40);
  EXPECT_EQ(h.not_finite, 2);
  EXPECT_EQ(std::accumulate(h.counts.begin(), h.counts.end(), std::int64_t{0}), 6);
  EXPECT_EQ(h.counts.front(), 2);
  EXPECT_EQ(h.counts[10], 1);
  EXPECT_EQ(h.counts.back(), 2);
  EXPECT_DOUBLE_EQ(h.mean, 11.0 / 6);
  EXPECT_DOUBLE_EQ(h.zeros, 2.0 / 8);
  EXPECT_DOUBLE_EQ(h.norm, std::sqrt(37.0));
  const double most = std::numeric_limits<double>::max();
  const Histogram wide = histogram_of(Tensor::of<double>(Shape{2}, {-most, most}), 40);
  EXPECT_EQ(wide.counts.front() + wide.counts.back(), 2);
  EXPECT_EQ(histogram_of(Tensor::of<double>(Shape{3}, {5, 5, 5}), 40).counts[0], 3);
}

TEST(SavedWeights, AreTheCheckpointsUntilTheModelIsThere) {
  const TemporaryFolder folder;
  RunConfig config = config_of({{"data", "make_moons"}, {"steps", "6"}, {"checkpoint_every", "3steps"}});
  config.layers = small_mlp();
  config.out = folder / "run";
  expect_error(
      [&] { newest_weights(config.out); }, Fault::model,
      config.out +
          ": the run has saved no weights yet. They come with its first checkpoint: at the end of an "
          "epoch, or as --checkpoint-every says.");
  train(config);
  const SavedWeights trained = newest_weights(config.out);
  EXPECT_EQ(trained.file.filename(), "model.safetensors");
  std::filesystem::remove(trained.file);
  const SavedWeights saved = newest_weights(config.out);
  EXPECT_TRUE(saved.is_checkpoint);
  RunConfig again = config;
  again.out.clear();
  const Prepared run = prepare(again);
  EXPECT_EQ(take_weights(config.out, saved, run.model.network), 6);
}

}  // namespace
}  // namespace gradus::train
