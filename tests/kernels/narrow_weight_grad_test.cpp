// Weight gradients with few filters: every number of channels that fills vectors or does not.
#include "kernels/large.h"
#include "kernels/simd/outer.h"

namespace gradus {
namespace {

std::vector<LargeCase> cases() {
  std::vector<LargeCase> list;
  const Conv2dOptions same{
      .pad_before = {1, 1}, .pad_after = {1, 1}, .size = {3, 3}, .layout = Layout::channels_last};
  const Conv2dOptions strided{.stride = {2, 2},
                              .pad_before = {1, 0},
                              .pad_after = {1, 0},
                              .size = {3, 2},
                              .layout = Layout::channels_last};
  const Conv2dOptions wide{.pad_before = {2, 2},
                           .pad_after = {2, 2},
                           .dilation = {2, 2},
                           .size = {3, 3},
                           .layout = Layout::channels_last};
  const auto add = [&](const std::string& name, std::int64_t batch, std::int64_t channels,
                       std::int64_t filters, const Conv2dOptions& options, std::int64_t rows,
                       std::int64_t columns) {
    list.push_back({name + "_" + std::to_string(channels) + "_to_" + std::to_string(filters),
                    {{DType::f32, {batch, 11, 9, channels}}, {DType::f32, {batch, rows, columns, filters}}},
                    [=](const Values& v) { return conv2d_weight_grad(v[0], v[1], options); },
                    "simd.conv2d_weight_grad_narrow"});
  };
  for (const std::int64_t channels : {16, 17, 24, 31, 32, 33, 48, 60, 64, 150})
    add("same", 9, channels, 12, same, 11, 9);
  for (const std::int64_t filters : {4, 8, 12}) {
    add("strided", 3, 36, filters, strided, 6, 4);
    add("wide", 1, 20, filters, wide, 11, 9);
  }
  return list;
}

class NarrowWeightGradients : public testing::TestWithParam<LargeCase> {};

TEST_P(NarrowWeightGradients, AgreeWithTheReferenceOnAnyThreads) {
  if (simd::find_outer(12) == nullptr) GTEST_SKIP() << "the processor's vectors are too few or too narrow";
  expect_agreement(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Kernels, NarrowWeightGradients, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace gradus
