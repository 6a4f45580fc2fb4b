// gradus run of ONNX files: the answers' files, and whose fault it is.
#include "cli/program.h"
#include "gradus/io.h"

namespace gradus {
namespace {

// One field of a protobuf message, and a number as one; lengths and numbers below 128.
std::string field(int number, const std::string& content) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(content.size())} + content;
}
std::string field(int number, int value) {
  return {static_cast<char>(number << 3), static_cast<char>(value)};
}

std::string port(const std::string& name) {
  return field(1, name) + field(2, field(1, field(1, 1) + field(2, field(1, field(1, 2)))));  // float [2]
}

std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output) {
  std::string text;
  for (const std::string& input : inputs) text += field(1, input);
  return field(1, text + field(2, output) + field(4, op));
}

// y = a - b, ../z = relu(y).
std::string model(const std::string& first = "Sub") {
  const std::string graph = node(first, {"a", "b"}, "y") + node("Relu", {"y"}, "../z") +
                            field(11, port("a")) + field(11, port("b")) + field(12, port("y")) +
                            field(12, port("../z"));
  std::string size = {static_cast<char>(graph.size() % 128 + 128), static_cast<char>(graph.size() / 128)};
  return field(1, 8) + std::string(1, 7 << 3 | 2) + size + graph + field(8, field(2, 17));
}

class RunOnnx : public Program {
 protected:
  void SetUp() override {
#ifndef GRADUS_ONNX
    GTEST_SKIP() << "built without ONNX";
#endif
    write("m.onnx", model());
    io::write_npy(path("a.npy"), Tensor::of<float>({2}, {1, 5}));
    io::write_npy(path("b.npy"), Tensor::of<float>({2}, {3, 2}));
  }
  Outcome run(Words words) const {
    words.insert(words.begin(), "run");
    words.insert(words.end(), {"--output-dir", "out"});
    return gradus(words);
  }
};

TEST_F(RunOnnx, WritesOneFileForEachOutput) {
  const auto result =
      json({"run", "m.onnx", "--input", "a.npy", "--input", "b.npy", "--output-dir", "out", "--json"});
  EXPECT_EQ(
      result.dump(),
      R"({"outputs":[{"dtype":"f32","file":"out/y.npy","shape":[2]},{"dtype":"f32","file":"out/_.._z.npy","shape":[2]}]})");
  EXPECT_TRUE(io::read_npy(path("out/y.npy")).same_bits(Tensor::of<float>({2}, {-2, 3})));
  EXPECT_TRUE(io::read_npy(path("out/_.._z.npy")).same_bits(Tensor::of<float>({2}, {0, 3})));
  EXPECT_EQ(list("out"), (std::vector<std::string>{"_.._z.npy", "y.npy"}));
}

TEST_F(RunOnnx, RefusesBeforeAnythingIsWritten) {
  struct Case {
    Words words;
    int code;
    const char* message;
  };
  write("text.onnx", "no model");
  write("odd.onnx", model("Subb"));
  const Case cases[] = {
      {{"m.onnx", "--input", "a.npy"}, 2, "m.onnx: it takes 2 inputs ('a', 'b'), 1 were given."},
      {{"m.onnx", "--input", "a.npy", "--input", "m.onnx"}, 3, "m.onnx"},
      {{"text.onnx", "--input", "a.npy"},
       4,
       "text.onnx: it is no ONNX model: the bytes do not make up its messages."},
      {{"odd.onnx", "--input", "a.npy", "--input", "b.npy"},
       4,
       "odd.onnx: node 0 (Subb): there is no op 'Subb' of domain 'ai.onnx' in this version. Did you mean "
       "'Sub'?"},
      {{"none.onnx", "--input", "a.npy"}, 4, "none.onnx: cannot be read"},
  };
  for (const Case& one : cases) {
    const Outcome outcome = run(one.words);
    EXPECT_EQ(outcome.code, one.code) << one.message;
    EXPECT_NE(outcome.err.find(one.message), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find("libprotobuf"), std::string::npos) << outcome.err;  // it prints nothing itself
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(exists("out"));
  }
}

}  // namespace
}  // namespace gradus
