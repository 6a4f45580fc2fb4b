// gradus export: a trained model as an ONNX file, or its weights as a file of their own.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

class Export : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "A run folder");
    arguments.group("Output");
    arguments.value(to_, {"--to", "FILE", "the file to write, .onnx or .safetensors; needed", ""});
    view_.define(arguments);
    arguments.example("gradus export runs/first --to model.onnx");
    arguments.example("gradus export runs/first --to model.safetensors");
  }

  int run(const Terminal&) override {
    require(Fault::usage, to_.has_value(), "export: --to FILE was needed, it was not given.");
    const bool is_onnx = to_->ends_with(".onnx");
    require(Fault::usage, is_onnx || to_->ends_with(".safetensors"),
            "--to: a file ending in .onnx or .safetensors was needed, '{}' was given.", *to_);
    const train::Model model = train::load_model(dir_);  // refuses weights that do not fit
    const std::filesystem::path weights = std::filesystem::path(dir_) / "model.safetensors";
    write_file(*to_, is_onnx ? train::onnx_bytes(model) : read_file(weights, Fault::model));
    const std::size_t tensors = model.network.variables().size();
    if (view_.json) {
      using Json = nlohmann::ordered_json;
      write_output(Json{{"out", *to_}, {"tensors", tensors}}.dump() + "\n");
    } else {
      view_.note(fmt::format("{}: {} tensors", *to_, tensors));
    }
    return 0;
  }

 private:
  std::string dir_;
  std::optional<std::string> to_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_export_verb() { return std::make_unique<Export>(); }

}  // namespace gradus::cli
