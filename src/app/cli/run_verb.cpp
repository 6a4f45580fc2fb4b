// gradus run: plain inference on arrays.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "gradus/io.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

class Run : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "A run folder");
    arguments.group("Data");
    arguments.values(inputs_, {"--input", "FILE.npy", "the array of an input, in their order; needed", ""});
    arguments.group("Execution");
    arguments.value(threads_, {"--threads", "N", "threads to use", "all"});
    arguments.group("Output");
    arguments.value(output_dir_, {"--output-dir", "D", "where to write output.npy; needed", ""});
    view_.define(arguments);
    arguments.example("gradus run runs/first --input images.npy --output-dir answers");
  }

  int run(const Terminal&) override {
    require(Fault::usage, !dir_.ends_with(".onnx"),
            "run: a run folder was needed, '{}' was given. ONNX models cannot be run by this version.", dir_);
    require(Fault::usage, !inputs_.empty(), "run: --input FILE.npy was needed, it was not given.");
    require(Fault::usage, inputs_.size() == 1,
            "--input: a run folder's model has one input, {} files were given.", inputs_.size());
    require(Fault::usage, output_dir_.has_value(), "run: --output-dir D was needed, it was not given.");
    const fs::path folder = *output_dir_;
    const Tensor output = train::run_model(fs::path(dir_), io::read_npy(inputs_[0]), thread_count(threads_));
    std::error_code error;
    fs::create_directories(folder, error);
    require(Fault::output, !error, "{}: cannot be made: {}.", folder.string(), error.message());
    const fs::path file = folder / "output.npy";
    io::write_npy(file, output);
    if (view_.json) {
      using Json = nlohmann::ordered_json;
      const Json one = {
          {"file", file.string()}, {"dtype", name(output.dtype())}, {"shape", output.shape().list()}};
      write_output(Json{{"outputs", Json::array({one})}}.dump() + "\n");
    } else {
      view_.note(fmt::format("{}: {}", file.string(), output.type().str()));
    }
    return 0;
  }

 private:
  std::string dir_;
  std::vector<std::string> inputs_;
  std::optional<std::string> output_dir_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_run_verb() { return std::make_unique<Run>(); }

}  // namespace gradus::cli
