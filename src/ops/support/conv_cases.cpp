#include "ops/support/conv.h"

namespace gradus {

std::vector<Conv2dCase> conv2d_cases() {
  struct Geometry {
    Shape x, weight;  // channels first
    Conv2dOptions options = {};
  };
  const std::vector<Geometry> geometries = {
      {{2, 3, 5, 6}, {4, 3, 3, 3}},
      {{1, 2, 4, 5}, {3, 2, 3, 3}, {.pad_before = {1, 1}, .pad_after = {1, 1}}},
      {{2, 2, 5, 6}, {2, 2, 3, 3}, {.stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}}},
      {{1, 2, 4, 3}, {3, 2, 2, 3}, {.pad_before = {0, 1}, .pad_after = {2, 0}}},
      {{1, 2, 7, 6}, {2, 2, 3, 3}, {.dilation = {2, 1}}},
      {{1, 1, 6, 7},
       {2, 1, 2, 3},
       {.stride = {1, 2}, .pad_before = {1, 2}, .pad_after = {0, 1}, .dilation = {3, 2}}},
      {{1, 4, 3, 4}, {6, 2, 2, 2}, {.groups = 2}},
      {{2, 3, 4, 4}, {3, 1, 3, 3}, {.pad_before = {1, 1}, .pad_after = {1, 1}, .groups = 3}},
      {{1, 2, 3, 5}, {4, 1, 2, 3}, {.stride = {2, 1}, .groups = 2}},
      {{2, 5, 3, 3}, {3, 5, 1, 1}},
      {{1, 3, 5, 4}, {2, 3, 1, 1}, {.stride = {2, 2}}},
      {{1, 2, 2, 2}, {2, 2, 5, 5}, {.pad_before = {2, 2}, .pad_after = {2, 2}}},  // larger than the image
      {{1, 1, 1, 1}, {1, 1, 1, 1}},
      {{3, 2, 1, 7}, {2, 2, 1, 3}, {.pad_before = {0, 1}, .pad_after = {0, 1}}},
      {{1, 2, 7, 8}, {2, 2, 1, 2}, {.stride = {3, 3}}},      // places that nothing sees
      {{1, 1, 1, 2}, {1, 1, 2, 1}, {.pad_before = {3, 0}}},  // rows of y that see padding only
      {{1, 16, 5, 4}, {16, 16, 3, 3}, {.pad_before = {1, 1}, .pad_after = {1, 1}}},
      {{2, 17, 3, 3}, {19, 17, 2, 2}, {.stride = {2, 1}, .pad_before = {1, 0}}},
      {{0, 3, 4, 4}, {2, 3, 3, 3}},
      {{2, 0, 3, 3}, {2, 0, 2, 2}}};
  std::vector<Conv2dCase> cases;
  for (const Geometry& g : geometries) {
    Conv2dCase c{g.options, conv2d_sizes(g.options, g.x, g.weight)};
    cases.push_back(c);
    c.options.layout = Layout::channels_last;
    c.sizes.channels_last = true;
    cases.push_back(c);
  }
  return cases;
}

}  // namespace gradus
