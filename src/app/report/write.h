// report.html and its figures, written.
#pragma once

#include <filesystem>
#include <vector>

#include "app/report/facts.h"

namespace gradus::report {

struct Written {
  std::filesystem::path page;
  std::vector<std::filesystem::path> figures;
};

struct WriteOptions {
  std::filesystem::path file = {};  // of the page; none: report.html in the run's folder
  bool figures = true;              // also in the run's folder, figures/NAME.svg and .png
};

// Each file is replaced in one step. Fault::output.
Written write(const RunFacts& facts, const WriteOptions& options = {});

}  // namespace gradus::report
