// Writes the inputs that fuzzing starts from, all of them right: write_fuzz_seeds DIR makes DIR/TARGET/NAME.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "data/files.h"
#include "data/images/image.h"
#include "gradus/compile.h"
#include "gradus/io.h"
#include "gradus/nn.h"
#ifdef GRADUS_ONNX
#include "gradus/onnx_network.h"
#endif
#include "gradus/ops.h"
#include "gradus/train.h"
#include "graph/print.h"
#include "train/checkpoint_file.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

class Seeds {
 public:
  explicit Seeds(fs::path dir) : dir_(std::move(dir)) {}

  void write(const std::string& target, const std::string& name, std::span<const std::byte> bytes) const {
    make_folder(dir_ / target);
    write_file(dir_ / target / name, bytes);
  }
  void write(const std::string& target, const std::string& name, std::string_view text) const {
    write(target, name, std::as_bytes(std::span(text)));
  }

 private:
  fs::path dir_;
};

Tensor numbers(DType dtype) {
  Tensor tensor(dtype, Shape{2, 3});
  for (std::int64_t i = 0; i < tensor.size(); ++i) tensor.set(i, static_cast<double>(i));
  return tensor;
}

constexpr DType kTypes[] = {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8};

void write_arrays(const Seeds& seeds) {
  io::NamedTensors all;
  for (const DType dtype : kTypes) {
    const std::string name(gradus::name(dtype));
    all.emplace_back("a." + name, numbers(dtype));
    seeds.write("npy", name, io::npy_bytes(numbers(dtype)));
  }
  seeds.write("safetensors", "all", io::safetensors_bytes(all));
  seeds.write("safetensors", "none", io::safetensors_bytes({}));
  seeds.write("npz", "stored", io::npz_bytes(all, io::Packing::stored));
  seeds.write("npz", "deflated", io::npz_bytes(all));
}

void write_tables(const Seeds& seeds) {
  seeds.write("csv", "numbers", "a,b,y\n1,2.5,0\n3,-4e-2,1\n5,6,1\n");
  seeds.write("csv", "texts",
              "\xef\xbb\xbf"
              "name;size;kind\r\n\"a;\"\"b\"\"\";1;x\r\n' c ';NA;y\r\n\r\nd;3;x\r\n");
  seeds.write("csv", "bare", "1\t2\n3\t4\n");
  seeds.write("csv", "gzip", data::gzip("a|b\n1|2\n?|4\n"));
  seeds.write("gzip", "text", data::gzip("some text, some text, some text"));
  seeds.write("gzip", "members", data::gzip("one") + data::gzip("two") + std::string(8, '\0'));
  seeds.write("idx", "images", data::idx(0x08, {2, 2, 3}, "abcdefghijkl"));
  seeds.write("idx", "floats", data::idx(0x0D, {2}, std::string("\x3f\x80\0\0\xbf\x80\0\0", 8)));
  seeds.write("idx", "gzip", data::gzip(data::idx(0x0B, {1, 2}, "abcd")));
}

void write_images(const Seeds& seeds, const fs::path& golden) {
  data::Image image{.height = 4, .width = 5, .channels = 3, .pixels = std::vector<std::uint8_t>(60)};
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(4 * i);
  seeds.write("image", "color.png", data::encode_png(image));
  seeds.write("image", "gray.png", data::encode_png(data::with_channels(image, 1)));
  for (const auto& entry : fs::directory_iterator(golden)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".jpg" && name != "cmyk.jpg")
      seeds.write("image", name, read_file(entry.path(), Fault::data));
  }
}

void write_texts(const Seeds& seeds) {
  for (const char* spec :
       {"fashion-mnist", "csv:a.csv,target=y|z,test=0.2", "make_moons:n_samples=100,noise=0.1",
        "make_blobs:centers=3,seed=7", "npz:x,y.npz", "images:dir,size=8x8"})
    seeds.write("data_spec", std::to_string(std::hash<std::string>()(spec)), spec);
  for (const char* order : {"pause", "resume", "stop"})
    seeds.write("order", order, nlohmann::json{{"order", order}}.dump());
  seeds.write("order", "lr", R"({"order": "lr", "lr": 0.01})");
  for (const nn::NamedModel& model : nn::named_models()) {
    if (model.input.size() > 5000 || model.name.find("110") != std::string::npos) continue;
    seeds.write("model_file", model.name,
                nn::to_toml(nn::named_model(model.name, model.input, model.outputs)));
  }
  train::RunConfig run;
  run.data = "make_moons:n_samples=50";
  seeds.write("run_file", "plain", train::to_toml(run));
  seeds.write(
      "run_file", "layers",
      "data = 'make_moons'\nepochs = 3\nlr = 1e-3\nschedule = 'cosine'\noptimizer = 'sgd'\nmomentum = 0.9\n"
      "layers = [{ dense = 8 }, 'relu', { dense = 2 }]\n");
  Graph graph;
  softmax(relu(input(graph, {DType::f32, Shape{2, 3}}, "x")), {-1});
  seeds.write("graph_text", "small", print(graph));
}

void write_checkpoints(const Seeds& seeds) {
  train::RunConfig run;
  run.data = "make_moons";
  train::Checkpoint first;
  first.config = train::to_toml(run);
  first.variables = {{"layers.0.weight", numbers(DType::f32)}};
  seeds.write("checkpoint", "first", train::checkpoint_bytes(first));
  train::Checkpoint later = first;
  later.best = later.good = first.variables;
  later.state.step = 40;
  later.state.best_loss = 0.25;
  later.state.schedule = {0.5, 1e300};
  later.state.lr = 1e-3;
  seeds.write("checkpoint", "later", train::checkpoint_bytes(later));
}

#ifdef GRADUS_ONNX
void write_networks(const Seeds& seeds) {
  const auto write = [&](const std::string& name, const Shape& input, const std::string& layers) {
    const nn::Network network = nn::build(nn::parse_model("layers = [" + layers + "]", name), input);
    for (const char* target : {"onnx", "onnx_network"})
      seeds.write(target, name, io::onnx::network_bytes(network));
  };
  write("dense", Shape{3}, R"({ dense = 4 }, "batch_norm", "relu", { dropout = 0.5 }, { dense = 2 })");
  write(
      "convolution", Shape{1, 6, 6},
      R"({ conv2d = { filters = 2, kernel = 3, padding = "same" } }, { max_pool2d = 2 }, { residual = ["tanh"] },)"
      R"("flatten", { dense = 2 })");
}
#endif

void write_requests(const Seeds& seeds) {
  const std::string ask = "Host: 127.0.0.1:80\r\n";
  seeds.write("http", "page", "GET / HTTP/1.1\r\n" + ask + "\r\n");
  seeds.write("http", "history",
              "GET /api/runs/a%2Fb/history?from=12 HTTP/1.1\r\n" + ask + "Accept: */*\r\n\r\n");
  seeds.write(
      "http", "order",
      "POST /api/runs/a/orders HTTP/1.1\r\n" + ask +
          "Content-Type: application/json\r\nOrigin: http://127.0.0.1:80\r\nContent-Length: 17\r\n\r\n"
          "{\"order\":\"pause\"}");
  seeds.write("http", "chunked",
              "POST /api/playground HTTP/1.1\r\n" + ask +
                  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
  seeds.write("playground", "defaults", "{}");
  seeds.write(
      "playground", "moons",
      R"({"data":"moons","examples":200,"noise":0.1,"test":0.3,"hidden":[8,4],"activation":"relu",)"
      R"("batch_norm":true,"skip":true,"dropout":0.1,"optimizer":"adam","lr":0.01,"batch_size":16,"seed":3})");
  seeds.write("playground", "csv", R"({"data":"csv","csv":"a,b,y\n1,2,0\n3,4,1\n","target":"y"})");
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_fuzz_seeds DIR\n");
    return 2;
  }
  const gradus::Seeds seeds(argv[1]);
  gradus::write_arrays(seeds);
  gradus::write_tables(seeds);
  gradus::write_images(seeds, std::filesystem::path(GRADUS_GOLDEN) / "images");
  gradus::write_texts(seeds);
  gradus::write_checkpoints(seeds);
  gradus::write_requests(seeds);
#ifdef GRADUS_ONNX
  gradus::write_networks(seeds);
#endif
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "write_fuzz_seeds: %s\n", error.what());
  return 1;
}
