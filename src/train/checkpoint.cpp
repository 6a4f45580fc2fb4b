#include "train/checkpoint.h"

#include <algorithm>

#include "base/check.h"
#include "base/file.h"
#include "train/checkpoint_file.h"

namespace gradus::train {

namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& dir) { return dir / "checkpoints"; }
fs::path file_of(const fs::path& dir, std::int64_t step) {
  return folder_of(dir) / fmt::format("step-{:09}.safetensors", step);
}

// Our files by their step, in ascending order.
std::vector<fs::path> files_in(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_of(dir), error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("step-") && name.ends_with(".safetensors")) files.push_back(entry.path());
  }
  // Longer names are of later steps.
  std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
    const std::size_t left = a.native().size(), right = b.native().size();
    return left != right ? left < right : a < b;
  });
  return files;
}

}  // namespace

fs::path write_checkpoint(const fs::path& dir, const Checkpoint& checkpoint) {
  make_folder(folder_of(dir));
  const fs::path file = file_of(dir, checkpoint.state.step);
  write_file(file, checkpoint_bytes(checkpoint));
  std::vector<fs::path> files = files_in(dir);
  // Later ones are not of this run's past: reading passed them over.
  files.erase(std::next(std::find(files.begin(), files.end(), file)), files.end());
  const fs::path best = file_of(dir, checkpoint.state.best_step);
  for (std::size_t i = 0; i + 2 < files.size(); ++i) {
    std::error_code ignored;  // one file too many does no harm
    if (files[i] != best) fs::remove(files[i], ignored);
  }
  return file;
}

std::optional<Checkpoint> read_latest_checkpoint(const fs::path& dir, std::vector<Damaged>* damaged) {
  const std::vector<fs::path> files = files_in(dir);
  std::optional<Error> newest;  // its fault
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    try {
      return parse_checkpoint(read_file(*file, Fault::model), file->string());
    } catch (const Error& error) {
      if (damaged) damaged->push_back({*file, error.what()});
      if (!newest) newest = error;
    }
  }
  if (newest) throw Error(newest->what(), Fault::model);
  return std::nullopt;
}

void set_aside(const std::vector<Damaged>& damaged) {
  for (const auto& [file, reason] : damaged) {
    std::error_code ignored;  // in its place it is passed over again
    fs::rename(file, file.string() + ".damaged", ignored);
  }
}

fs::path latest_checkpoint(const fs::path& dir) {
  const std::vector<fs::path> files = files_in(dir);
  return files.empty() ? fs::path() : files.back();
}
bool has_checkpoint(const fs::path& dir) { return !files_in(dir).empty(); }

void remove_checkpoints(const fs::path& dir) {
  for (const fs::path& file : files_in(dir)) {
    std::error_code error;
    fs::remove(file, error);
    require(Fault::output, !error, "{}: cannot be removed: {}.", file.string(), error.message());
  }
}

namespace {

const Tensor& tensor_for(const Variable& variable, const NamedTensors& tensors, const std::string& where) {
  const auto found = std::find_if(tensors.begin(), tensors.end(),
                                  [&](const auto& entry) { return entry.first == variable.name(); });
  require(Fault::model, found != tensors.end() && found->second.type() == variable.type(),
          "{}: '{}' {} was needed, {}.", where, variable.name(), variable.type().str(),
          found == tensors.end() ? "there is no such tensor" : "it is " + found->second.type().str());
  return found->second;
}

}  // namespace

void restore_variables(const std::vector<Variable>& variables, const NamedTensors& tensors,
                       const std::string& where) {
  for (const Variable& variable : variables) variable.set(tensor_for(variable, tensors, where));
}

void restore_snapshot(const Snapshot& snapshot, const NamedTensors& tensors, const std::string& where) {
  for (std::size_t i = 0; i < snapshot.variables().size(); ++i)
    snapshot.tensors()[i].copy_from(tensor_for(snapshot.variables()[i], tensors, where));
}

}  // namespace gradus::train
