#include "ops/support/samples.h"

namespace gradus {

const std::vector<Shape>& sample_shapes() {
  static const std::vector<Shape> shapes = {
      {},        {1},       {2},       {3},          {7},          {17},         {33},
      {1, 1},    {1, 5},    {5, 1},    {2, 3},       {3, 20},      {7, 9},       {16, 16},
      {1, 1, 1}, {2, 1, 3}, {3, 5, 2}, {2, 3, 1, 4}, {1, 7, 1, 3}, {2, 2, 3, 5}, {1, 2, 1, 3, 2},
      {0},       {0, 3},    {2, 0}};
  return shapes;
}

const std::vector<std::pair<Shape, Shape>>& sample_pairs() {
  static const std::vector<std::pair<Shape, Shape>> pairs = {{{}, {}},
                                                             {{1}, {1}},
                                                             {{7}, {7}},
                                                             {{33}, {33}},
                                                             {{3, 20}, {3, 20}},
                                                             {{5}, {}},
                                                             {{}, {5}},
                                                             {{5}, {1}},
                                                             {{1}, {5}},
                                                             {{3, 20}, {20}},
                                                             {{20}, {3, 20}},
                                                             {{3, 20}, {1}},
                                                             {{3, 20}, {3, 1}},
                                                             {{3, 1}, {3, 20}},
                                                             {{3, 1}, {1, 4}},
                                                             {{1, 4}, {3, 1}},
                                                             {{7, 9}, {7, 9}},
                                                             {{2, 3, 4}, {3, 4}},
                                                             {{2, 3, 4}, {3, 1}},
                                                             {{2, 1, 4}, {3, 1}},
                                                             {{2, 3, 4}, {}},
                                                             {{1, 1}, {2, 2}},
                                                             {{2, 3, 1, 5}, {4, 1}},
                                                             {{0, 3}, {3}},
                                                             {{0}, {1}}};
  return pairs;
}

std::vector<Sample> unary_samples(double low, double high, const Attrs& attrs) {
  std::vector<Sample> samples;
  for (const Shape& shape : sample_shapes()) samples.push_back({attrs, {{shape, low, high}}});
  return samples;
}

std::vector<Sample> cycled_samples(double low, double high, std::initializer_list<Attrs> options) {
  std::vector<Sample> samples;
  for (const Shape& shape : sample_shapes()) {
    samples.push_back({options.begin()[samples.size() % options.size()], {{shape, low, high}}});
  }
  return samples;
}

std::vector<Sample> binary_samples(double low, double high, const Attrs& attrs, SampleInput::Kind kind) {
  std::vector<Sample> samples;
  for (const auto& [a, b] : sample_pairs())
    samples.push_back({attrs, {{a, low, high, kind}, {b, low, high, kind}}});
  return samples;
}

}  // namespace gradus
