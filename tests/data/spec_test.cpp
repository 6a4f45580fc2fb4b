#include <gtest/gtest.h>

#include "data/files.h"
#include "support/expect_error.h"

namespace gradus::data {
namespace {

void refused(const std::string& text, const std::string& message) {
  expect_error([&] { open(parse_spec(text)); }, Fault::usage, message);
}

TEST(Spec, SplitsNamesPathsAndOptions) {
  const Spec moons = parse_spec("make_moons:n_samples=50,noise=0.1,test=0.25");
  EXPECT_EQ(moons.name, "make_moons");
  EXPECT_EQ(moons.options.at("noise"), "0.1");
  EXPECT_EQ(moons.test(), 0.25);
  const Spec csv = parse_spec("csv:a=b, c,d.csv,target=y=1,drop=a|b");
  EXPECT_EQ(csv.path, "a=b, c,d.csv") << "a path may hold commas and equals signs";
  EXPECT_EQ(csv.options.at("target"), "y=1");
  EXPECT_EQ(parse_spec("fashion-mnist,test=0.1").options.at("test"), "0.1");
  EXPECT_EQ(parse_spec("npz:x.npz,test=0.5").path, "x.npz");
  EXPECT_EQ(parse_spec("images:pictures").path, "pictures");
  EXPECT_EQ(parse_spec("symmetry").test(), 0.0);
}

TEST(Spec, RefusesUnknownNamesAndKeys) {
  const std::string names =
      "fashion-mnist, mnist, idx, csv, npz, images, make_classification, make_moons, make_circles, "
      "make_blobs, "
      "make_regression, spirals, symmetry";
  refused("", "data: a name was needed, '' was given.");
  refused("make_mons:n_samples=3",
          "data: there is no 'make_mons'; there are " + names + ". Did you mean 'make_moons'?");
  refused("iris.csv", "data: 'iris.csv' names no kind of data. Did you mean 'csv:iris.csv'?");
  refused("make_moons:nosie=1",
          "make_moons: there is no option 'nosie'; there are n_samples, noise, random_state, seed, shuffle, "
          "test. Did "
          "you mean 'noise'?");
  refused("csv:a.csv,tarket=y",
          "csv: there is no option 'tarket'; there are columns, drop, header, missing, target, test, weight. "
          "Did you "
          "mean 'target'?");
  refused("make_moons:noise=1,noise=2", "make_moons: noise is given twice.");
  refused("make_moons:0.1", "make_moons: key=value was needed, '0.1' was given.");
  refused("csv:", "csv: a path was needed, as in csv:FILE.");
  refused("idx,test=0.1", "idx: a path was needed, as in idx:DIR.");
}

TEST(Spec, RefusesBadValues) {
  refused("make_moons:n_samples=many",
          "make_moons: n_samples needs an integer, or several as a|b, 'many' was given.");
  refused("make_moons:n_samples=",
          "make_moons: n_samples needs an integer, or several as a|b, '' was given.");
  refused("make_moons:noise=loud", "make_moons: noise needs a number or none, 'loud' was given.");
  refused("make_moons:noise=inf", "make_moons: noise needs a number or none, 'inf' was given.");
  refused("make_moons:shuffle=maybe", "make_moons: shuffle needs true or false, 'maybe' was given.");
  refused("make_moons:seed=-1", "make_moons: seed needs an integer of 0 or more, '-1' was given.");
  refused("make_moons:seed=1,random_state=1",
          "make_moons: seed and random_state are the same; give one of them.");
  refused("make_moons:test=1", "make_moons: test needs a share from 0 to below 1, '1' was given.");
  refused("make_moons:test=half", "make_moons: test needs a number, 'half' was given.");
  refused("make_blobs:center_box=1", "make_blobs: center_box needs two numbers as low|high, '1' was given.");
  refused("make_classification:n_classes=2.5",
          "make_classification: n_classes needs an integer, '2.5' was given.");
  refused("make_classification:shift=x", "make_classification: shift needs a number or none, 'x' was given.");
  refused("csv:a.csv,missing=zero", "csv: missing needs mean, median or drop, 'zero' was given.");
  refused("npz:a.npz", "data: 'npz' is read by another part of the library.");
}

TEST(Spec, OpensEveryGeneratorItLists) {
  int generators = 0;
  for (const SourceInfo& source : sources()) {
    if (source.form != source.name || source.name.ends_with("mnist")) continue;
    const Source opened = open(parse_spec(source.name), {.seed = 1});
    EXPECT_GT(opened.train.size(), 0) << source.name;
    EXPECT_FALSE(opened.test.has_value()) << source.name;
    ++generators;
  }
  EXPECT_EQ(generators, 7);
}

TEST(Spec, SeedsGeneratorsByTheRunOrByTheSpec) {
  const auto x = [](const std::string& text, std::uint64_t seed) {
    return open(parse_spec(text), {.seed = seed}).train.x;
  };
  EXPECT_TRUE(x("make_blobs", 1).same_bits(x("make_blobs", 1)));
  EXPECT_FALSE(x("make_blobs", 1).same_bits(x("make_blobs", 2)));
  EXPECT_TRUE(x("make_blobs:seed=5", 1).same_bits(x("make_blobs:random_state=5", 2)));
  EXPECT_TRUE(x("make_blobs:seed=5", 1).same_bits(x("make_blobs", 5)));
}

TEST(Spec, PassesOptionsOn) {
  const Source source = open(parse_spec(
      "make_classification:n_samples=80,n_features=7,n_informative=3,n_classes=4,n_clusters_per_class=1,"
      "weights=0.5|0.25|0.125,flip_y=0,shift=none,scale=none,shuffle=False,test=0.25"));
  EXPECT_EQ(source.train.x.shape(), (Shape{60, 7}));
  EXPECT_EQ(source.test->x.shape(), (Shape{20, 7}));
  EXPECT_EQ(source.train.classes, 4);
  std::vector<int> counts(4);
  for (const double label : list(source.train.y)) ++counts[static_cast<std::size_t>(label)];
  // 40, 20, 10 and 10 less a quarter: chance says which of the last two loses two and which three.
  EXPECT_EQ(counts[0], 30);
  EXPECT_EQ(counts[1], 15);
  EXPECT_EQ(std::minmax(counts[2], counts[3]), (std::pair<const int&, const int&>(7, 8)));
}

TEST(Spec, MakesNumbersOfClassesForARegression) {
  const Source source = open(parse_spec("symmetry"), {.targets = Targets::real});
  EXPECT_EQ(source.train.kind, Kind::real);
  EXPECT_EQ(source.train.y.type(), (Type{DType::f64, Shape{64}}));
}

TEST(Spec, OpensCsvWithItsOptionsOrASchema) {
  const TemporaryFolder folder;
  write_file(folder / "a.csv", "id,a,b,y\n1,1,x,0\n2,,y,1\n3,5,x,1\n");
  const std::string path = (folder / "a.csv").string();
  const Source source = open(parse_spec("csv:" + path + ",target=y,drop=id,missing=mean"));
  EXPECT_EQ(list(source.train.x), (Numbers{1, 1, 0, 3, 0, 1, 5, 1, 0}));
  ASSERT_TRUE(source.csv.has_value());
  write_file(folder / "b.csv", "b,a\ny,\n");
  const Source other = open(parse_spec("csv:" + (folder / "b.csv").string()), {.csv = &*source.csv});
  EXPECT_EQ(list(other.train.x), (Numbers{3, 0, 1}));
  EXPECT_EQ(other.csv, source.csv);
}

}  // namespace
}  // namespace gradus::data
