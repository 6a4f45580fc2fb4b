// gradus import: an ONNX file as a model that can be trained.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

class Import : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(file_, "FILE", "An ONNX file");
    arguments.group("Output");
    arguments.value(out_, {"--out", "DIR", "the folder for model.toml and model.safetensors; needed", ""});
    view_.define(arguments);
    arguments.example("gradus import model.onnx --out models/first");
    arguments.example(
        "gradus train --model models/first/model.toml --init-from models/first/model.safetensors --data "
        "mnist");
  }

  int run(const Terminal&) override {
    require(Fault::usage, out_.has_value(), "import: --out DIR was needed, it was not given.");
    const train::Model model = train::import_onnx(file_);
    for (const char* name : {"run.toml", "model.toml", "model.safetensors"})
      require(Fault::output, !fs::exists(fs::path(*out_) / name),
              "{}: it holds a model already ({}). Give another folder, or remove it.", *out_, name);
    make_folder(*out_);
    train::save_model(*out_, model);
    std::int64_t parameters = 0;
    for (const Variable& variable : model.network.parameters()) parameters += variable.type().shape.size();
    const std::size_t layers = model.network.spec.layers.size();
    if (view_.json) {
      using Json = nlohmann::ordered_json;
      write_output(Json{{"out", *out_}, {"layers", layers}, {"parameters", parameters}}.dump() + "\n");
    } else {
      view_.note(fmt::format("{}: {} layers, {} parameters", *out_, layers, parameters));
    }
    return 0;
  }

 private:
  std::string file_;
  std::optional<std::string> out_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_import_verb() { return std::make_unique<Import>(); }

}  // namespace gradus::cli
