// gradus predict: classes and probabilities, or numbers, for the examples of a file.
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "gradus/io.h"
#include "gradus/train.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

Json row_json(const Tensor& values, std::int64_t row) {
  const std::int64_t columns = values.size() / values.shape()[0];
  Json list = Json::array();
  for (std::int64_t c = 0; c < columns; ++c) list.push_back(values.at(row * columns + c));
  return list;
}

// {"predictions":[{"file","class","name","probabilities","output"}, ...]}; keys the model has no answer for
// are left out.
std::string json_text(const train::Predictions& predictions) {
  Json list = Json::array();
  for (std::int64_t row = 0; row < predictions.output.shape()[0]; ++row) {
    Json one = Json::object();
    if (!predictions.files.empty()) one["file"] = predictions.files[static_cast<std::size_t>(row)];
    if (!predictions.classes.empty()) {
      const auto index = static_cast<std::size_t>(predictions.classes[static_cast<std::size_t>(row)]);
      one["class"] = index;
      one["name"] = index < predictions.class_names.size() ? Json(predictions.class_names[index])
                                                           : Json(std::to_string(index));
    }
    if (predictions.probabilities.defined()) one["probabilities"] = row_json(predictions.probabilities, row);
    one["output"] = row_json(predictions.output, row);
    list.push_back(std::move(one));
  }
  return Json{{"predictions", list}}.dump() + "\n";
}

class Predict : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "A run folder");
    arguments.group("Data");
    arguments.value(input_, {"--input", "FILE",
                             "examples: .csv, .npy, .npz (x), IDX, .png, .jpg or a folder; needed", ""});
    arguments.group("Execution");
    arguments.value(threads_, {"--threads", "N", "threads to use", "all"});
    arguments.group("Output");
    arguments.value(output_, {"--output", "FILE", "where to write: .csv, .npy or .json", "standard output"});
    arguments.value(format_, {"--format", "csv|npy|json", "the form, whatever --output's ending",
                              "csv, or --output's ending"});
    view_.define(arguments);
    arguments.example("gradus predict runs/iris --input new.csv");
    arguments.example("gradus predict runs/first --input images.npy --output probabilities.npy");
  }

  int run(const Terminal&) override {
    require(Fault::usage, input_.has_value(), "predict: --input FILE was needed, it was not given.");
    const std::string form = format();
    const train::Predictions predictions =
        train::predict(std::filesystem::path(dir_), *input_, {.threads = thread_count(threads_)});
    if (form == "npy") {
      const Tensor& values =
          predictions.probabilities.defined() ? predictions.probabilities : predictions.output;
      write(io::npy_bytes(values));
    } else {
      const std::string text = form == "json" ? json_text(predictions) : predictions.csv();
      write(std::as_bytes(std::span(text)));
    }
    if (view_.json && output_) write_output(json_text(predictions));
    return 0;
  }

 private:
  std::string format() const {
    require(Fault::usage, output_ || !format_ || !view_.json || *format_ == "json",
            "--format: {} was given beside --json. Leave one out, or give an --output.",
            format_.value_or(""));
    std::string form = format_.value_or(view_.json && !output_ ? "json" : "");
    const std::string given = form.empty() ? "--output" : "--format";
    if (form.empty() && output_) {
      form = std::filesystem::path(*output_).extension().string();
      form.erase(0, 1);
    } else if (form.empty()) {
      form = "csv";
    }
    const bool is_known = form == "csv" || form == "npy" || form == "json";
    require(Fault::usage, is_known, "{}: csv, npy or json was needed, '{}' was given.", given,
            given == "--output" ? *output_ : form);
    return form;
  }

  void write(std::span<const std::byte> bytes) const {
    if (output_)
      write_file(*output_, bytes);
    else
      write_output({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  std::string dir_;
  std::optional<std::string> input_, output_, format_, threads_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_predict_verb() { return std::make_unique<Predict>(); }

}  // namespace gradus::cli
