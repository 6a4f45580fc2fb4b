#include "base/file.h"
#include "gradus/io.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus::io {
namespace {

NamedTensors sample() {
  return {{"x", Tensor::of<float>(Shape{2, 3}, {1, 2, 3, 4, 5, 6})},
          {"y", Tensor::of<std::int64_t>(Shape{2}, {0, 1})},
          {"zeros", Tensor(DType::f64, Shape{100, 100})},
          {"none", Tensor(DType::u8, Shape{0})}};
}

void expect_same(const NamedTensors& actual, const NamedTensors& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(actual[i].first, expected[i].first);
    EXPECT_TRUE(actual[i].second.same_bits(expected[i].second)) << expected[i].first;
  }
}

TEST(Npz, ReadsWhatItWrote) {
  const TemporaryFolder folder;
  for (const Packing packing : {Packing::stored, Packing::deflated}) {
    write_npz(folder / "a.npz", sample(), packing);
    expect_same(read_npz(folder / "a.npz"), sample());
  }
  expect_same(parse_npz(npz_bytes({}), "x"), {});
}

TEST(Npz, DeflatesAndRepeatsItsBytes) {
  EXPECT_LT(npz_bytes(sample()).size(), 2000u);
  EXPECT_GT(npz_bytes(sample(), Packing::stored).size(), 80'000u);
  EXPECT_EQ(npz_bytes(sample()), npz_bytes(sample()));
}

TEST(Npz, ReadsArchivesOfNumpy) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  expect_same(read_npz(GRADUS_TEST_DATA "/stored.npz"),
              {{"x", Tensor::of<float>(Shape{2, 3}, {1.5f, -2, 0.25f, 3, kInfinity, -0.0f})},
               {"y", Tensor::of<std::int64_t>(Shape{3}, {3, 1, 2})}});
  const Tensor x(DType::f64, Shape{3, 4, 5});
  for (std::int64_t i = 0; i < 60; ++i) x.set(i, static_cast<double>(i));
  expect_same(read_npz(GRADUS_TEST_DATA "/deflated.npz"),
              {{"x", x}, {"flag", Tensor::of<bool>(Shape{}, {true})}});
}

TEST(Npz, RefusesToWriteWhatItCouldNotRead) {
  const Tensor x = Tensor::scalar(1);
  expect_error([&] { npz_bytes({{"x", x}, {"x", x}}); }, Fault::data, "npz: two arrays are named 'x'.");
  expect_error([&] { npz_bytes({{"", x}}); }, Fault::data, "npz: an array has no name.");
  expect_error([&] { npz_bytes({{"x", Tensor()}}); }, Fault::data, "npz: array 'x' holds nothing.");
  expect_error(
      [&] {
        write_npz("/nowhere/x.npz", {{"x", x}});
      },
      Fault::output, "/nowhere/x.npz: cannot be written: No such file or directory.");
}

}  // namespace
}  // namespace gradus::io
