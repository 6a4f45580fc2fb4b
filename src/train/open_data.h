// Data for a run: opened, split, and cut to what its loss and model ask.
#pragma once

#include <optional>
#include <string>

#include "gradus/train.h"

namespace gradus::train {

struct DataOptions {
  std::uint64_t seed = 0;
  double val_split = 0.0;
  std::optional<data::FoldOptions> fold = {};  // instead; its seed is set from the one above
  std::string loss = {};                       // "": the data decide what targets are
  std::optional<data::LabelMap> labels = {};   // of a model: how labels must be read
  const data::CsvSchema* csv = nullptr;        // of a model: how a CSV file must be encoded
};

struct OpenedData {
  Parts parts;  // all with the same number of classes
  std::optional<data::CsvSchema> csv;
};

// "2/5"; none for "". Fault::usage.
std::optional<data::FoldOptions> parse_fold(const std::string& text);

// Reads or makes what the data spec names and splits it. Faults: Fault::usage for the spec, Fault::data.
OpenedData open_data(const std::string& spec, const DataOptions& options);

// The spec with its path made absolute: it means the same from any folder.
std::string absolute_spec(const std::string& spec);

}  // namespace gradus::train
