// A run as one page that needs nothing else, and its figures.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/figures/svg.h"
#include "app/report/facts.h"

namespace gradus::report {

struct Picture {
  std::string name;  // of its file, without the ending
  std::vector<std::byte> png;
};

struct Page {
  std::string html;
  std::vector<figures::Figure> figures;  // those on the page
  std::vector<Picture> pictures;
};

Page page_of(const RunFacts& facts);

// The run in plain words: what was trained, how far, what came of it.
std::string summary_text(const RunFacts& facts);

}  // namespace gradus::report
