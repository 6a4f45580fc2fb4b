// Convolutions with filters that fill no vector: edges, kernels and images of every kind.
#include "kernels/large.h"

namespace gradus {
namespace {

struct Extents {
  std::int64_t batch, rows, columns, channels, filters;
};

std::vector<LargeCase> cases() {
  std::vector<LargeCase> list;
  const auto add = [&](const std::string& name, const Extents& e, Shape kernel, Conv2dOptions options) {
    options.layout = Layout::channels_last;
    const Shape weight{e.filters, e.channels, kernel[0], kernel[1]};
    list.push_back({name + "_" + std::to_string(e.channels) + "_to_" + std::to_string(e.filters),
                    {{DType::f32, {e.batch, e.rows, e.columns, e.channels}}, {DType::f32, weight}},
                    [=](const Values& v) { return conv2d(v[0], v[1], options); },
                    "simd.conv2d_narrow"});
  };
  const Conv2dOptions same{.pad_before = {1, 1}, .pad_after = {1, 1}};
  for (const std::int64_t filters : {5, 6, 13}) add("same", {9, 11, 9, 24, filters}, {3, 3}, same);
  for (const std::int64_t channels : {16, 17, 200, 201, 401})
    add("channels", {8, 5, 4, channels, 6}, {3, 3}, same);
  add("lines_in_blocks", {8, 40, 70, 16, 6}, {3, 3}, same);
  add("inside", {8, 9, 9, 16, 6}, {3, 2}, {});
  add("uneven", {8, 9, 7, 16, 6}, {2, 3}, {.pad_before = {0, 2}, .pad_after = {1, 0}});
  add("dilated", {8, 11, 12, 16, 6}, {3, 3}, {.pad_before = {4, 2}, .pad_after = {4, 2}, .dilation = {4, 2}});
  add("kernel_beyond_the_image", {8, 2, 2, 16, 6}, {5, 5}, {.pad_before = {2, 2}, .pad_after = {2, 2}});
  add("only_padding", {8, 1, 1, 16, 6}, {3, 3}, {.pad_before = {3, 3}, .pad_after = {3, 3}});
  return list;
}

class NarrowConvs : public testing::TestWithParam<LargeCase> {};

TEST_P(NarrowConvs, AgreeWithTheReferenceOnAnyThreads) { expect_agreement(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Kernels, NarrowConvs, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace gradus
