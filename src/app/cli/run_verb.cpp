// gradus run: plain inference on arrays, of a run folder or an ONNX file.
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "gradus/compile.h"
#include "gradus/io.h"
#include "gradus/train.h"
#ifdef GRADUS_ONNX
#include "gradus/onnx.h"
#endif

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

#ifdef GRADUS_ONNX
std::vector<Tensor> read_arrays(const std::vector<std::string>& files) {
  std::vector<Tensor> list;
  for (const std::string& file : files) list.push_back(io::read_npy(file));
  return list;
}

io::NamedTensors run_onnx(const fs::path& file, const std::vector<std::string>& arrays,
                          std::int64_t threads) {
  const io::onnx::Model model = io::onnx::read(file);
  const std::vector<Tensor> inputs = read_arrays(arrays);
  const Graph graph = io::onnx::build(model, inputs);
  Session session(compile(graph, {.threads = static_cast<int>(threads)}));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    session.feed(i, inputs[i].cast(session.input(i).dtype()));
  }
  session.run();
  io::NamedTensors outputs;
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    outputs.emplace_back(graph.outputs()[i].first, session.output(i));
  }
  return outputs;
}
#else
io::NamedTensors run_onnx(const fs::path& file, const std::vector<std::string>&, std::int64_t) {
  fail(Fault::usage,
       "run: '{}' is no run folder, and this program was built without ONNX. "
       "Install libonnx-dev and build it again.",
       file.string());
}
#endif

// A name out of a file as the name of a file: what could lead elsewhere becomes '_'.
std::string file_name(const std::string& output) {
  std::string name;
  for (const char c : output) {
    const auto byte = static_cast<unsigned char>(c);
    name += byte >= 128 || std::isalnum(byte) || c == '-' || c == '.' || c == '_' ? c : '_';
  }
  if (name.empty() || name[0] == '.') name.insert(name.begin(), '_');
  return name + ".npy";
}

class Run : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(model_, "MODEL", "A run folder, or an ONNX file");
    arguments.group("Data");
    arguments.values(inputs_, {"--input", "FILE.npy", "the array of an input, in their order; needed", ""});
    arguments.group("Execution");
    arguments.value(threads_, {"--threads", "N", "threads to use", "all"});
    arguments.group("Output");
    arguments.value(output_dir_, {"--output-dir", "D", "where to write OUTPUT.npy; needed", ""});
    view_.define(arguments);
    arguments.example("gradus run runs/first --input images.npy --output-dir answers");
    arguments.example("gradus run model.onnx --input x.npy --input mask.npy --output-dir answers");
  }

  int run(const Terminal&) override {
    require(Fault::usage, output_dir_.has_value(), "run: --output-dir D was needed, it was not given.");
    const io::NamedTensors outputs = computed();
    std::set<std::string> files;
    for (const auto& [name, tensor] : outputs) {
      require(Fault::output, files.insert(file_name(name)).second,
              "run: two outputs would be written to {}. Rename one in the model.", file_name(name));
    }
    make_folder(*output_dir_);
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const auto& [output, tensor] : outputs) {
      const fs::path file = fs::path(*output_dir_) / file_name(output);
      io::write_npy(file, tensor);
      list.push_back(
          {{"file", file.string()}, {"dtype", name(tensor.dtype())}, {"shape", tensor.shape().list()}});
      if (!view_.json) view_.note(fmt::format("{}: {}", file.string(), tensor.type().str()));
    }
    if (view_.json) write_output(Json{{"outputs", list}}.dump() + "\n");
    return 0;
  }

 private:
  io::NamedTensors computed() const {
    if (fs::is_regular_file(model_) || model_.ends_with(".onnx")) {
      return run_onnx(model_, inputs_, thread_count(threads_));
    }
    require(Fault::usage, !inputs_.empty(), "run: --input FILE.npy was needed, it was not given.");
    require(Fault::usage, inputs_.size() == 1,
            "--input: a run folder's model has one input, {} files were given.", inputs_.size());
    return {{"output", train::run_model(fs::path(model_), io::read_npy(inputs_[0]), thread_count(threads_))}};
  }

  std::string model_;
  std::vector<std::string> inputs_;
  std::optional<std::string> output_dir_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_run_verb() { return std::make_unique<Run>(); }

}  // namespace gradus::cli
