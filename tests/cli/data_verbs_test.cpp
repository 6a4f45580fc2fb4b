// gradus data list, info and make.
#include "cli/program.h"
#include "gradus/io.h"

namespace gradus {
namespace {

class DataVerbs : public Program {};

TEST_F(DataVerbs, ListsTheSources) {
  const std::string text = output({"data", "list"});
  for (const char* part : {"csv:FILE", "make_moons", "keys: ", "e.g. spirals:n_samples=200,test=0.2"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  const auto sources = json({"data", "list", "--json"})["sources"];
  EXPECT_GE(sources.size(), 10u);
  for (const auto& source : sources) EXPECT_FALSE(source["example"].get<std::string>().empty());
}

TEST_F(DataVerbs, InfoCountsClasses) {
  const auto info = json({"data", "info", "make_blobs:n_samples=90,test=0.2", "--json"});
  EXPECT_EQ(info["n"]["train"], 72);
  EXPECT_EQ(info["n"]["test"], 18);
  EXPECT_EQ(info["shape"], nlohmann::json({2}));
  EXPECT_EQ(info["dtype"], "f64");
  EXPECT_EQ(info["kind"], "classes");
  ASSERT_EQ(info["classes"].size(), 3u);
  EXPECT_EQ(info["classes"][0]["count"], 24);
}

TEST_F(DataVerbs, InfoShowsRangesAndGapsOfACsvFile) {
  write("a.csv", "age,height,colour\n10,,red\n20,1.5,blue\n30,2.5,red\n");
  const auto info = json({"data", "info", "csv:a.csv", "--json"});
  EXPECT_EQ(info["missing"], nlohmann::json({{"height", 1}}));
  EXPECT_EQ(info["features"][0]["min"], 10);
  EXPECT_EQ(info["features"][1]["max"], 2.5);
  EXPECT_EQ(info["classes"][1]["name"], "red");
  EXPECT_EQ(info["classes"][1]["count"], 2);
  const std::string text = output({"data", "info", "csv:a.csv"});
  EXPECT_NE(text.find("missing   1 in 'height'"), std::string::npos) << text;
  EXPECT_NE(text.find("red"), std::string::npos) << text;
}

TEST_F(DataVerbs, InfoOfNumbers) {
  const auto info =
      json({"data", "info", "make_regression:n_samples=20,n_features=3,n_informative=2", "--json"});
  EXPECT_EQ(info["kind"], "real");
  EXPECT_TRUE(info["classes"].is_null());
  EXPECT_LT(info["target"]["min"], info["target"]["max"]);
}

TEST_F(DataVerbs, MakeWritesCsvThatReadsBack) {
  EXPECT_EQ(output({"data", "make", "make_moons:n_samples=50,noise=0.1", "--out", "moons.csv"}), "");
  const std::string text = read("moons.csv");
  EXPECT_EQ(text.rfind("x0,x1,y\n", 0), 0u) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 51);
  const auto made = json({"data", "info", "make_moons:n_samples=50,noise=0.1", "--json"});
  const auto read_back = json({"data", "info", "csv:moons.csv", "--json"});
  EXPECT_EQ(made["classes"], read_back["classes"]);
  EXPECT_EQ(made["range"], read_back["range"]);
}

TEST_F(DataVerbs, RealTargetsStayReal) {
  output({"data", "make", "make_regression:n_samples=9,n_features=2,n_informative=0", "--out", "a.csv"});
  EXPECT_EQ(json({"data", "info", "csv:a.csv", "--json"})["kind"], "real");
}

TEST_F(DataVerbs, MakeWritesNpzWithItsTestPart) {
  output({"data", "make", "make_blobs:n_samples=40,test=0.25", "--out", "blobs.npz"});
  const io::NamedTensors arrays = io::read_npz(path("blobs.npz"));
  ASSERT_EQ(arrays.size(), 4u);
  EXPECT_EQ(arrays[0].first, "x_train");
  EXPECT_EQ(arrays[0].second.shape(), (Shape{30, 2}));
  EXPECT_EQ(arrays[3].first, "y_test");
  EXPECT_EQ(json({"data", "info", "npz:blobs.npz", "--json"})["n"]["test"], 10);
}

TEST_F(DataVerbs, TheSeedDecides) {
  output({"data", "make", "make_moons:noise=0.1", "--seed", "1", "--out", "a.csv"});
  output({"data", "make", "make_moons:noise=0.1", "--seed", "1", "--out", "b.csv"});
  output({"data", "make", "make_moons:noise=0.1,seed=1", "--seed", "2", "--out", "c.csv"});
  output({"data", "make", "make_moons:noise=0.1", "--seed", "2", "--out", "d.csv"});
  EXPECT_EQ(read("a.csv"), read("b.csv"));
  EXPECT_EQ(read("a.csv"), read("c.csv"));
  EXPECT_NE(read("a.csv"), read("d.csv"));
}

TEST_F(DataVerbs, MakeTellsWhatItWrote) {
  const Outcome outcome = gradus({"data", "make", "symmetry", "--out", "s.csv", "--json"});
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["n"]["train"], 64);
  EXPECT_EQ(gradus({"data", "make", "symmetry", "--out", "s.csv"}).err, "s.csv: 64 examples of shape [6]\n");
  EXPECT_EQ(gradus({"data", "make", "symmetry", "--out", "s.csv", "--quiet"}).err, "");
}

}  // namespace
}  // namespace gradus
