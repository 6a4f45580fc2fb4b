// Predictions of a trained model for new examples.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/parallel.h"
#include "data/csv_columns.h"
#include "gradus/io.h"
#include "train/evaluator.h"
#include "train/outputs.h"
#include "train/use_model.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

// A CSV file for a model that was not trained on one: a number in every column, a target column after the
// features left aside.
Tensor read_numbers(const fs::path& file, const Shape& example) {
  const data::CsvSheet sheet = data::read_csv_sheet(file, std::nullopt);
  const auto width = static_cast<std::size_t>(example.size());
  require(Fault::data, sheet.table.columns == width || sheet.table.columns == width + 1,
          "{}: the model takes {} numbers an example, the file has {} columns.", file.string(), width,
          sheet.table.columns);
  const std::size_t rows = sheet.table.rows() - sheet.first_row;
  Tensor x(DType::f64, Shape{static_cast<std::int64_t>(rows), example.size()});
  const auto values = x.values<double>();
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < width; ++j)
      values[i * width + j] = data::number_in(sheet, sheet.first_row + i, j);
  return x;
}

Tensor read_npz_inputs(const fs::path& file) {
  std::vector<std::string> names;
  for (const auto& [member, tensor] : io::read_npz(file)) {
    if (member == "x") return tensor;
    names.push_back(member);
  }
  fail(Fault::data, "{}: an array x was needed, it holds {}.", file.string(), fmt::join(names, ", "));
}

bool takes_images(const fs::path& input) { return fs::is_directory(input) || data::is_image_file(input); }

// Images brought to the size and channels the network takes.
Tensor read_image_inputs(const fs::path& input, const Shape& example) {
  require(Fault::data, example.rank() == 3 && (example[0] == 1 || example[0] == 3),
          "{}: the model takes examples {}, not images [1, H, W] or [3, H, W]. Give it an array.",
          input.string(), example.str());
  return data::read_images(input, {.channels = example[0], .height = example[1], .width = example[2]});
}

Tensor read_inputs(const fs::path& file, const Model& model) {
  std::string extension = file.extension().string();
  if (extension == ".gz") extension = file.stem().extension().string();
  if (extension == ".npy") return io::read_npy(file);
  if (extension == ".npz") return read_npz_inputs(file);
  if (extension == ".csv" || extension == ".tsv") {
    return model.csv ? data::read_csv(file, *model.csv).x : read_numbers(file, model.network.input);
  }
  if (takes_images(file)) return read_image_inputs(file, model.network.input);
  return data::read_idx(file);
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"') result += '"';
    result += c;
  }
  return result + '"';
}

std::string number(const Tensor& tensor, std::int64_t index) {
  return tensor.dtype() == DType::f32
             ? fmt::to_string(tensor.values<float>()[static_cast<std::size_t>(index)])
             : fmt::to_string(tensor.at(index));
}

Tensor run_on(const Model& model, const Tensor& x, std::int64_t threads, const std::string& where) {
  const data::Dataset data = examples_of(model, x, where);
  Tensor result = room_for_outputs(model, data.size());
  std::size_t done = 0;
  Evaluator evaluator(model, {}, threads > 0 ? threads : hardware_threads());
  evaluator.outputs(data, [&](const Tensor& output, const data::Batch&) {
    std::memcpy(result.data() + done, output.data(), output.byte_size());
    done += output.byte_size();
  });
  return result;
}

}  // namespace

Predictions predict(const fs::path& dir, const fs::path& input, const PredictOptions& options) {
  const Model model = load_model(dir);
  Predictions p =
      read_outputs(model, run_on(model, read_inputs(input, model), options.threads, input.string()));
  if (fs::is_directory(input)) p.files = data::image_files(input);
  return p;
}

Predictions predict(const Model& model, const Tensor& x, const PredictOptions& options) {
  return read_outputs(model, run_on(model, x, options.threads, "predict"));
}

Tensor run_model(const fs::path& dir, const Tensor& x, std::int64_t threads) {
  return run_model(load_model(dir), x, threads);
}

Tensor run_model(const Model& model, const Tensor& x, std::int64_t threads) {
  return run_on(model, x, threads, "run");
}

std::string Predictions::csv() const {
  const Tensor& numbers = kind == data::Kind::real ? output : probabilities;
  const std::int64_t rows = output.shape()[0];
  const std::int64_t columns = rows == 0 ? 0 : numbers.size() / rows;
  std::vector<std::string> header;
  if (!files.empty()) header.emplace_back("file");
  if (names_one_class(kind)) header.insert(header.end(), {"class", "name"});
  for (std::int64_t j = 0; j < columns; ++j) {
    const auto at = static_cast<std::size_t>(j);
    if (kind != data::Kind::real) {
      header.push_back(quoted("p_" + class_names[at]));
    } else {
      const std::string preset = columns == 1 ? "y" : fmt::format("y{}", j);
      header.push_back(at < target_names.size() ? quoted(target_names[at]) : preset);
    }
  }
  std::string text = fmt::format("{}\n", fmt::join(header, ","));
  for (std::int64_t i = 0; i < rows; ++i) {
    std::vector<std::string> cells;
    if (!files.empty()) cells.push_back(quoted(files[static_cast<std::size_t>(i)]));
    if (names_one_class(kind)) {
      const std::int64_t chosen = classes[static_cast<std::size_t>(i)];
      cells.insert(cells.end(),
                   {fmt::to_string(chosen), quoted(class_names[static_cast<std::size_t>(chosen)])});
    }
    for (std::int64_t j = 0; j < columns; ++j) cells.push_back(number(numbers, i * columns + j));
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace gradus::train
