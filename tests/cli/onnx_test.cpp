// Models through ONNX files: export, import, and what can be done with both.
#include "cli/program.h"
#include "gradus/io.h"

namespace gradus {
namespace {

// Flowers by name, on a far and uneven scale, so that standardization counts.
std::string table() {
  std::string text = "width,year,flower\n";
  for (int i = 0; i < 60; ++i) {
    const bool is_rose = i % 2 == 0;
    text += std::to_string(0.001 * (i % 7) + (is_rose ? 0.01 : 0)) + "," + std::to_string(1990 + i % 5) +
            (is_rose ? ",rose\n" : ",lily\n");
  }
  return text;
}

class OnnxVerbs : public Program {
 protected:
  void SetUp() override {
    write("flowers.csv", table());
    output({"train", "--data", "csv:flowers.csv", "--epochs", "3", "--lr", "0.01", "--out", "run", "-q"});
  }
};

TEST_F(OnnxVerbs, AModelComesBackWithAllItIsFor) {
  output({"export", "run", "--to", "m.onnx"});
  const auto imported = json({"import", "m.onnx", "--out", "back", "--json"});
  EXPECT_EQ(imported["layers"], 5);
  const auto ours = json({"predict", "run", "--input", "flowers.csv", "--json"})["predictions"];
  const auto theirs = json({"predict", "back", "--input", "flowers.csv", "--json"})["predictions"];
  ASSERT_EQ(theirs.size(), 60u);
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_EQ(theirs[i]["name"], ours[i]["name"]);
    EXPECT_NEAR(theirs[i]["probabilities"][0].get<double>(), ours[i]["probabilities"][0].get<double>(), 1e-5);
  }
  EXPECT_TRUE(read("back/model.safetensors") == read("run/model.safetensors"));
  output({"export", "back", "--to", "again.onnx"});
  EXPECT_TRUE(read("again.onnx") == read("m.onnx"));
  EXPECT_EQ(json({"eval", "back", "--data", "csv:flowers.csv", "--json"})["n"], 60);
}

TEST_F(OnnxVerbs, AFileRunsLikeItsFolder) {
  output({"export", "run", "--to", "m.onnx"});
  io::write_npy(path("x.npy"), Tensor::of<float>({2, 2}, {0.003F, 1991, 0.012F, 1994}));
  output({"run", "run", "--input", "x.npy", "--output-dir", "a"});
  output({"run", "m.onnx", "--input", "x.npy", "--output-dir", "b"});
  const Tensor ours = io::read_npy(path("a/output.npy")), theirs = io::read_npy(path("b/output.npy"));
  ASSERT_EQ(ours.shape(), theirs.shape());
  for (std::int64_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours.at(i), theirs.at(i), 1e-5);
}

TEST_F(OnnxVerbs, AnImportedModelTrainsOn) {
  output({"export", "run", "--to", "m.onnx"});
  output({"import", "m.onnx", "--out", "back"});
  const auto tuned =
      json({"train", "--data", "csv:flowers.csv", "--model", "back/model.toml", "--init-from",
            "back/model.safetensors", "--epochs", "2", "--lr", "0.001", "--out", "tuned", "--json"});
  EXPECT_LT(tuned["train"]["loss"], 0.8);
  EXPECT_FALSE(read("tuned/model.safetensors") == read("run/model.safetensors"));
}

TEST_F(OnnxVerbs, WhatCannotBeIsRefused) {
  write("no.onnx", "these are no messages");
  EXPECT_EQ(gradus({"import", "no.onnx", "--out", "d"}).code, 4);
  EXPECT_EQ(gradus({"import", "none.onnx", "--out", "d"}).code, 4);
  EXPECT_EQ(gradus({"import", "no.onnx"}).code, 2);
  EXPECT_EQ(gradus({"export", "run", "--to", "none/m.onnx"}).code, 6);
  output({"export", "run", "--to", "m.onnx"});
  const std::string before = read("run/model.toml");
  const Outcome taken = gradus({"import", "m.onnx", "--out", "run"});
  EXPECT_EQ(taken.code, 6);
  EXPECT_NE(taken.err.find("it holds a model already"), std::string::npos) << taken.err;
  EXPECT_EQ(read("run/model.toml"), before);
  std::string cut = read("m.onnx");
  write("cut.onnx", cut.substr(0, cut.size() / 2));
  EXPECT_EQ(gradus({"import", "cut.onnx", "--out", "d"}).code, 4);
  EXPECT_EQ(gradus({"eval", "d"}).code, 4);
}

}  // namespace
}  // namespace gradus
