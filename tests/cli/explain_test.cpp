// gradus explain: a training step, and a weight's paths, as text, JSON and drawings.
#include <cmath>

#include "cli/program.h"

namespace gradus {
namespace {

class ExplainVerb : public Program {};

// An array of a stage by its symbol.
nlohmann::json array_of(const nlohmann::json& explanation, const std::string& stage,
                        const std::string& symbol) {
  for (const auto& step : explanation["steps"])
    for (const auto& array : step["arrays"])
      if (step["stage"] == stage && array["symbol"] == symbol) return array;
  return {};
}

TEST_F(ExplainVerb, WithNothingGivenItShowsASmallNetwork) {
  EXPECT_EQ(output({"explain"}), R"(One training step on 1 example, in f64: mse, sgd with learning rate 0.5.
     x (examples) [1, 2]: [[1, 0.5]]
     t (targets) [1, 1]: [[1]]

Forward
  1. layers.0 (dense)
     W1 (layers.0.weight) [2, 2]: [[0.5, -0.4], [0.3, 0.8]]
     b1 (layers.0.bias) [2]: [0.1, -0.2]
     y1 = x W1^T + b1
       y1 [1, 2]: [[0.4, 0.5]]
  2. layers.1 (sigmoid)
     y2 = sigmoid(y1)
       y2 [1, 2]: [[0.598688, 0.622459]]
  3. layers.2 (dense)
     W3 (layers.2.weight) [1, 2]: [[0.6, -0.9]]
     b3 (layers.2.bias) [1]: [0.2]
     y3 = y2 W3^T + b3
       y3 [1, 1]: [[-0.0010008]]
  4. layers.3 (sigmoid)
     y4 = sigmoid(y3)
       y4 [1, 1]: [[0.49975]]

Loss
  5. loss (mse)
     L = sum(square(y4 - t))
       L: 0.25025

Backward: dy = dL/dy, dW = dL/dW, from the last layer to the first
  6. layers.3 (sigmoid)
     dy4 = 2 * (y4 - t)
       dy4 [1, 1]: [[-1.0005]]
  7. layers.2 (dense)
     dy3 = dy4 * y4 * (1 - y4)
       dy3 [1, 1]: [[-0.250125]]
     dW3 = dy3^T y2
       dW3 [1, 2]: [[-0.149747, -0.155693]]
     db3 = sum(dy3)
       db3 [1]: [-0.250125]
  8. layers.1 (sigmoid)
     dy2 = dy3 W3
       dy2 [1, 2]: [[-0.150075, 0.225113]]
  9. layers.0 (dense)
     dy1 = dy2 * y2 * (1 - y2)
       dy1 [1, 2]: [[-0.0360571, 0.0529023]]
     dW1 = dy1^T x
       dW1 [2, 2]: [[-0.0360571, -0.0180286], [0.0529023, 0.0264511]]
     db1 = sum(dy1)
       db1 [2]: [-0.0360571, 0.0529023]

Update
 10. layers.0.weight
     dW1 (dL/dW1) [2, 2]: [[-0.0360571, -0.0180286], [0.0529023, 0.0264511]]
     W1 (layers.0.weight) [2, 2]: [[0.5, -0.4], [0.3, 0.8]]
     W1' = W1 - dW1 * lr
       W1' [2, 2]: [[0.518029, -0.390986], [0.273549, 0.786774]]
 11. layers.0.bias
     db1 (dL/db1) [2]: [-0.0360571, 0.0529023]
     b1 (layers.0.bias) [2]: [0.1, -0.2]
     b1' = b1 - db1 * lr
       b1' [2]: [0.118029, -0.226451]
 12. layers.2.weight
     dW3 (dL/dW3) [1, 2]: [[-0.149747, -0.155693]]
     W3 (layers.2.weight) [1, 2]: [[0.6, -0.9]]
     W3' = W3 - dW3 * lr
       W3' [1, 2]: [[0.674873, -0.822154]]
 13. layers.2.bias
     db3 (dL/db3) [1]: [-0.250125]
     b3 (layers.2.bias) [1]: [0.2]
     b3' = b3 - db3 * lr
       b3' [1]: [0.325063]
)");
}

TEST_F(ExplainVerb, AWeightAsPaths) {
  EXPECT_EQ(output({"explain", "--weight", "layers.0.weight[0,1]"}),
            R"(layers.0.weight[0,1] = -0.4
dL/dw is the sum over all paths from the weight to the loss L; the product of a path is that of the
derivatives of each unit with respect to the one before.

1 path of 1 with a product other than 0, the largest first
  -1.802857e-02 layers.0.weight[0,1] -> layers.0[0] -> layers.1[0] -> layers.2[0] ->
                layers.3[0] -> L
                = 0.5 * 0.2403 * 0.6 * 0.25 * -1.001

  sum of these                      -0.0180285684
  sum of all paths                  -0.0180285684
  gradient of the engine (f64)      -0.0180285684
  central difference (f64)          -0.0180285684
These paths have 100.00 % of the magnitude of all; their sum is 100.00 % of dL/dw.
)");
  const auto found = json({"explain", "--weight", "layers.0.weight[0,1]", "--json"});
  EXPECT_EQ(found["weight"], "layers.0.weight[0,1]");
  EXPECT_EQ(found["paths"], 1);
  EXPECT_EQ(found["largest"][0]["factors"][4]["unit"], "L");
  EXPECT_NEAR(found["sum"], found["gradient"], 1e-15);
}

// A bias before batch normalization: whatever it adds is taken away again.
TEST_F(ExplainVerb, PathsThatCancel) {
  write("m.toml", "layers = [{ dense = 3 }, \"batch_norm\", \"tanh\", { dense = 2 }]");
  const Words words = {"explain",      "--data", "make_moons", "--model",         "m.toml",
                       "--batch-size", "8",      "--weight",   "layers.0.bias[1]"};
  const std::string text = output(words);
  EXPECT_NE(text.find("of the magnitude of all, which cancel: dL/dw is 0 but for rounding.\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("halved"), std::string::npos) << text;
}

TEST_F(ExplainVerb, ADeadUnitHasNoPaths) {
  write("m.toml",
        "layers = [{ dense = { units = 3, init = \"constant:value=-9\" } }, \"relu\", { dense = 2 }]");
  write("a.csv", "x,y\n1,0\n2,1\n3,1\n");
  const std::string text = output({"explain", "--data", "csv:a.csv", "--standardize", "off", "--model",
                                   "m.toml", "--weight", "layers.0.weight[1,0]"});
  EXPECT_NE(text.find("0 paths of 0 with"), std::string::npos) << text;
  EXPECT_NE(text.find("No path has a product other than 0: the loss does not depend on this weight here.\n"),
            std::string::npos)
      << text;
}

TEST_F(ExplainVerb, ARunFolderWithItsTrainedWeights) {
  output({"train", "--data", "make_moons", "--model", "seed", "--epochs", "2", "--out", "run"});
  const std::string weights = read("run/model.safetensors"), history = read("run/history.jsonl");
  const std::vector<std::string> files = list("run");
  const auto found = json({"explain", "run", "--json"});
  EXPECT_EQ(found["loss_name"], "softmax_cross_entropy");
  EXPECT_EQ(found["optimizer"], "adam");
  EXPECT_EQ(found["examples"], 100);
  EXPECT_TRUE(found["row"].is_null());
  EXPECT_EQ(array_of(found, "forward", "W1")["shape"], (std::vector<int>{20, 2}));
  EXPECT_EQ(array_of(found, "update", "m_W1'")["formula"], "m_W1 * 0.9 + dW1 * 0.1");
  const auto fresh = json({"explain", "run/run.toml", "--json"});
  EXPECT_NE(array_of(found, "forward", "b1")["norm"], 0);
  EXPECT_EQ(array_of(fresh, "forward", "b1")["norm"], 0);
  EXPECT_EQ(json({"explain", "run", "--row", "3", "--json"})["examples"], 1);
  EXPECT_EQ(read("run/model.safetensors"), weights);
  EXPECT_EQ(read("run/history.jsonl"), history);
  EXPECT_EQ(list("run"), files);
}

TEST_F(ExplainVerb, GoesOnFromARunsCheckpoint) {
  output({"train", "--data", "make_moons", "--model", "seed", "--epochs", "2", "--out", "run"});
  const std::string text = output({"explain", "run"});
  EXPECT_EQ(
      text.substr(0, text.find('\n')),
      "One training step on 100 examples, in f32: softmax_cross_entropy, adam with learning rate 0.001. "
      "It goes on from the checkpoint at step 2, with its weights and averages.");
  const auto found = json({"explain", "run", "--json"});
  EXPECT_EQ(found["checkpoint_step"], 2);
  EXPECT_EQ(array_of(found, "update", "step")["values"][0], 2);
  EXPECT_NE(array_of(found, "update", "m_W1")["norm"], 0);
  std::filesystem::remove_all(path("run/checkpoints"));
  const auto trained = json({"explain", "run", "--json"});
  EXPECT_TRUE(trained["checkpoint_step"].is_null());
  EXPECT_EQ(array_of(trained, "update", "m_W1")["norm"], 0);
  EXPECT_EQ(array_of(trained, "forward", "W1"), array_of(found, "forward", "W1"));
}

TEST_F(ExplainVerb, SomeLayersOnly) {
  const std::string text = output({"explain", "--layer", "layers.2", "--html", "step.html"});
  EXPECT_EQ(text.find("layers.0"), std::string::npos) << text;
  for (const char* part :
       {"\nForward\n  3. layers.2 (dense)\n", "first\n  7. layers.2 (dense)\n", " 12. layers.2.weight\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  const std::string page = read("step.html");
  for (const char* part : {"max=\"4\"", "<section data-step=\"12\">", "<g data-step=\"1\">"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("<section data-step=\"1\">"), std::string::npos);
  const auto found = json({"explain", "--layer", "layers.2", "--layer", "layers.0", "--json"});
  EXPECT_EQ(found["steps"].size(), 8U);
  EXPECT_EQ(found["steps"][0]["number"], 1);
}

TEST_F(ExplainVerb, DrawsTheStep) {
  write("m.toml", "layers = [{ dense = 4 }, { residual = [{ dense = 4 }, \"tanh\"] }, { dense = 2 }]");
  output({"explain", "--data", "make_moons", "--model", "m.toml", "--graph", "step.svg"});
  const std::string svg = read("step.svg");
  EXPECT_EQ(svg.substr(0, 4), "<svg");
  for (const char* part : {"layers.1 (residual)", "y4 = y1 + y3", "dW1 = dy1^T x", "</svg>"})
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  output({"explain", "--graph", "step.dot"});
  const std::string dot = read("step.dot");
  EXPECT_EQ(dot.substr(0, 15), "digraph gradus ");
  EXPECT_NE(dot.find("assign"), std::string::npos);
  EXPECT_NE(dot.find("layers.3 (sigmoid)"), std::string::npos);
}

TEST_F(ExplainVerb, WritesAPage) {
  output({"explain", "--html", "step.html"});
  const std::string page = read("step.html");
  EXPECT_EQ(page.substr(0, 15), "<!DOCTYPE html>");
  for (const char* part : {"<svg", "<h2>Update</h2>", "<h3>1. layers.0 (dense)</h3>",
                           "<code>= W1 - dW1 * lr</code>", "[[0.518029, -0.390986], [0.273549, 0.786774]]"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  // The slider walks through steps that the drawing has too.
  for (const char* part :
       {"type=\"range\" min=\"0\" max=\"13\"", "<section data-step=\"13\">", "<g data-step=\"1\">"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("http"), page.find("http://www.w3.org/2000/svg")) << "the page needs no other file";
}

TEST_F(ExplainVerb, RefusesWhatItCannotShow) {
  struct Wrong {
    Words words;
    int code;
    std::string message;
  };
  write("d/a", "");
  const std::vector<Wrong> all = {
      {{"explain", "none"}, 4, "none: a run's folder was needed, there is none."},
      {{"explain", "none.toml"}, 2, "none.toml: cannot be read: No such file or directory."},
      {{"explain", "--row", "1"},
       2,
       "--row: a row of the training part was needed, 0 to 0, 1 was given. Count from 0."},
      {{"explain", "--row", "x"}, 2, "--row: a whole number of at least 0 was needed, 'x' was given."},
      {{"explain", "--weight", "w"},
       2,
       "--weight: a parameter and an index were needed, as in layers.0.weight[3,7], 'w' was given."},
      {{"explain", "--paths", "3"}, 2, "--paths: it belongs to --weight, which was not given. Add it."},
      {{"explain", "--graph", "a.png"},
       2,
       "--graph: a file that ends in .svg or .dot was needed, 'a.png' was given."},
      {{"explain", "--graph", "a.svg", "--weight", "layers.0.bias[0]"},
       2,
       "--graph: it shows the whole step, --weight one weight. Leave one out."},
      {{"explain", "--html", "a.html", "--weight", "layers.0.bias[0]"},
       2,
       "--html: it shows the whole step, --weight one weight. Leave one out."},
      {{"explain", "--graph", "none/a.svg"}, 6, "none/a.svg: cannot be written: No such file or directory."},
      {{"explain", "--data", "csv:none.csv"}, 3, "none.csv: cannot be read: No such file or directory."},
      {{"explain", "--layer", "layer.0"},
       2,
       "--layer: one of the network's layers was needed, from layers.0 to layers.3, 'layer.0' was given. Did "
       "you mean 'layers.0'?"},
      {{"explain", "--layer", "layers.0", "--weight", "layers.0.bias[0]"},
       2,
       "--layer: it chooses among the layers, --weight shows one weight. Leave one out."},
      {{"explain", "--lr", "0.1"},
       2,
       "train: data was needed, none was given. Name some with --data, as in --data fashion-mnist."},
      {{"explain", "d", "--lr", "0.1"}, 2, "--lr: a run folder has its own settings; leave the flag out."}};
  for (const Wrong& wrong : all) {
    const Outcome outcome = gradus(wrong.words);
    EXPECT_EQ(outcome.code, wrong.code) << wrong.message;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.substr(0, outcome.err.find('\n')), "gradus: error: " + wrong.message);
  }
}

}  // namespace
}  // namespace gradus
