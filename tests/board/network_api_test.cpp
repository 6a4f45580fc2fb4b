#include "app/board/network_api.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "app/board/pixels.h"
#include "support/temporary_folder.h"
#include "train/prepare.h"

namespace gradus::board {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModel =
    R"(layers = [{ reshape = [1, 4, 5] }, { conv2d = { filters = 3, kernel = 3, padding = "same" } }, "relu",
       { dropout = 0.5 }, "flatten", { dense = 2 }])";

class NetworkApiTest : public testing::Test {
 protected:
  NetworkApiTest() {
    api_.add_routes(router_);
    train::RunConfig config;
    config.data = "make_classification:n_samples=40,test=0.5";
    config.layers = nn::parse_model(kModel, "model.toml");
    config.epochs = 2;
    config.threads = 1;
    config.out = folder_ / "run";
    train::train(config);
    runs_.scan();
  }

  Response ask(const std::string& target) {
    Request request;
    request.method = "GET";
    EXPECT_TRUE(split_target(target, request)) << target;
    std::promise<Response> answered;
    router_.route(request, [&](Response response) { answered.set_value(std::move(response)); });
    return answered.get_future().get();
  }
  Json get(const std::string& what) {
    const Response response = ask("/api/runs/run/network" + what);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body);
  }
  void expect_refused(const std::string& target, const std::string& words) {
    const Response response = ask(target);
    EXPECT_EQ(response.status, 400) << target;
    EXPECT_NE(response.body.find(words), std::string::npos) << response.body;
  }

  const TemporaryFolder folder_;
  RunList runs_{folder_ / ""};
  NetworkApi api_{runs_};
  Router router_;
};

TEST_F(NetworkApiTest, TheNumbersAreTheModels) {
  const Json graph = get("");
  ASSERT_EQ(graph["layers"].size(), 6u);
  EXPECT_EQ(graph["layers"][1]["output"], Json({1, 3, 4, 5}));
  EXPECT_EQ(graph["layers"][1]["parameters"][0]["shape"], Json({3, 1, 3, 3}));
  EXPECT_EQ(graph["parts"]["test"], 20);
  EXPECT_EQ(graph["step"], nullptr);

  const train::Prepared run = train::prepare_trained(folder_ / "run");
  const train::Predictions expected = train::predict(run.model, run.parts.test->x.rows(3, 4), {.threads = 1});
  const Json example = get("/example?part=test&row=3");
  for (std::int64_t i = 0; i < 2; ++i)
    EXPECT_NEAR(example["prediction"][static_cast<std::size_t>(i)]["value"].get<double>(),
                expected.probabilities.at(i), 1e-6);
  EXPECT_FALSE(example["layers"].contains("layers.3"));  // dropout passes everything on
  EXPECT_TRUE(get("/batch")["layers"].contains("layers.3"));
  const Json maps = get("/maps?path=layers.1&part=test&row=3");
  EXPECT_EQ(maps["output"]["count"], 3);
  const Json& conv = example["layers"]["layers.1"]["output"];
  EXPECT_DOUBLE_EQ(maps["output"]["scale"].get<double>(),
                   std::max(-conv["min"].get<double>(), conv["max"].get<double>()));
  EXPECT_EQ(get("/filters?path=layers.1")["filters"], 3);
  EXPECT_EQ(get("/examples?part=test&from=15")["examples"].size(), 5u);
}

TEST_F(NetworkApiTest, NewWeightsAreSeen) {
  const std::string first = get("")["version"];
  const double before = get("/batch")["loss"];
  const fs::path model = folder_ / "run" / "model.safetensors";
  fs::remove(model);
  const Json graph = get("");
  EXPECT_TRUE(graph["checkpoint"].get<bool>());
  EXPECT_EQ(graph["step"], 2);
  EXPECT_NE(graph["version"], first);
  EXPECT_NEAR(get("/batch")["loss"].get<double>(), before, 1e-5);  // the last step's weights are the model's
}

TEST_F(NetworkApiTest, RefusalsSayWhatIsMissing) {
  const std::string network = "/api/runs/run/network";
  expect_refused("/api/runs/..%2Frun/network", "there is no such run");
  expect_refused(network + "/maps?path=layers.8&part=test&row=0", "there is no 'layers.8'");
  expect_refused(network + "/maps?path=layers.5&part=test&row=0", "a height and a width");
  expect_refused(network + "/maps?path=layers.3&part=test&row=0", "passes on");
  expect_refused(network + "/filters?path=layers.2", "no filters");
  expect_refused(network + "/example?part=val&row=0", "'val' was given");
  expect_refused(network + "/example?part=test&row=20", "0 to 19");
  expect_refused(network + "/example?part=test&row=-1", "a whole number");
  expect_refused(network + "/example?part=test", "'row='");

  fs::remove_all(folder_ / "run" / "checkpoints");
  fs::remove(folder_ / "run" / "model.safetensors");
  expect_refused(network, "no weights yet");
  fs::create_directories(folder_ / "gone");
  std::ofstream(folder_ / "gone" / "run.toml") << "data = 'csv:/nowhere/data.csv'\nmodel = 'mlp'\n";
  std::ofstream(folder_ / "gone" / "model.safetensors") << "none";
  runs_.scan();
  expect_refused("/api/runs/gone/network", "/nowhere/data.csv");
}

TEST(Planes, ByteOf128IsZero) {
  const Planes planes = planes_of(Tensor::of<float>(Shape{1, 2, 1, 2}, {-2, 0, 1, 2}), 64, 64);
  EXPECT_EQ(planes.count, 2);
  EXPECT_EQ(planes.scale, 2);
  EXPECT_EQ(planes.data, "AYDA/w==");  // 1, 128, 192, 255
  const Planes small = planes_of(Tensor::of<float>(Shape{1, 1, 2, 4}, {1, 1, 3, 5, 1, 1, 3, 5}), 64, 2);
  EXPECT_EQ(small.width, 2);
  EXPECT_EQ(small.height, 1);
  EXPECT_EQ(small.scale, 4);
}

}  // namespace
}  // namespace gradus::board
