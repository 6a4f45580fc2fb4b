// Folders of images as data, for predictions, and as pictures.
#include "cli/program.h"
#include "gradus/data.h"

namespace gradus {
namespace {

class ImageVerbs : public Program {
 protected:
  // Bright and dark images, four each; those of the test part are larger.
  ImageVerbs() {
    for (const char* part : {"train", "test"}) {
      for (int i = 0; i < 8; ++i) {
        const bool bright = i % 2 == 0;
        const std::int64_t side = std::string(part) == "test" ? 6 : 4;
        Tensor image(DType::u8, Shape{1, side, side});
        image.fill((bright ? 200 : 20) + i);
        const std::string folder = std::string("d/") + part + (bright ? "/bright" : "/dark");
        std::filesystem::create_directories(path(folder));
        data::write_png(path(folder + "/" + std::to_string(i) + ".png"), image);
      }
    }
  }
  void train() const {
    output({"train", "--data", spec(), "--epochs", "40", "--lr", "0.01", "--augment", "crop=1,flip", "--out",
            "run", "--quiet", "--threads", "1"});
  }
  std::string spec() const { return "images:" + path("d").string() + ",size=4"; }
};

TEST_F(ImageVerbs, TrainEvaluateAndPredict) {
  train();
  const auto result = json({"eval", "run", "--json"});
  EXPECT_EQ(result["n"], 8);
  EXPECT_EQ(result["accuracy"], 1.0);
  EXPECT_EQ(result["roc_auc"], 1.0);
  EXPECT_EQ(result["classes"][0]["name"], "bright");
  // A folder with one of the classes only, of images of another size.
  std::filesystem::remove_all(path("d/test/bright"));
  EXPECT_EQ(
      json({"eval", "run", "--data", "images:" + path("d/test").string() + ",size=4", "--json"})["confusion"],
      nlohmann::json({{0, 0}, {0, 4}}));
  const auto one = json({"predict", "run", "--input", "d/test/dark/1.png", "--json"})["predictions"];
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0]["name"], "dark");
  const auto all = json({"predict", "run", "--input", "d/train", "--json"})["predictions"];
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all[0]["file"], "d/train/bright/0.png");
  EXPECT_EQ(all[0]["name"], "bright");
  const std::string csv = output({"predict", "run", "--input", "d/test"});
  EXPECT_EQ(csv.rfind("file,class,name,p_bright,p_dark\nd/test/dark/1.png,1,dark,", 0), 0u) << csv;
}

TEST_F(ImageVerbs, ShowDrawsThem) {
  const auto shown =
      json({"data", "show", spec(), "--augment", "mixup=0.5", "--count", "5", "--out", "s.png", "--json"});
  EXPECT_EQ(shown["count"], 5);
  const Tensor sheet = data::read_images(path("s.png"));
  EXPECT_EQ(sheet.shape(), (Shape{1, 1, shown["height"], shown["width"]}));
  const std::string first = read("s.png");
  output({"data", "show", spec(), "--count", "5", "--out", "s.png"});
  EXPECT_NE(read("s.png"), first) << "nothing is mixed now";
  EXPECT_EQ(gradus({"data", "show", spec()}).code, 2);
  EXPECT_EQ(gradus({"data", "show", spec(), "--out", "s.jpg"}).code, 2);
  EXPECT_EQ(gradus({"data", "show", spec(), "--out", "none/s.png"}).code, 6);
  const Outcome table = gradus({"data", "show", "make_moons", "--out", "s.png"});
  EXPECT_EQ(table.code, 3);
  EXPECT_NE(table.err.find("make_moons: images [1, H, W] or [3, H, W] were needed, the examples are [2]."),
            std::string::npos)
      << table.err;
}

TEST_F(ImageVerbs, DamagedFilesAreNamed) {
  write("d/train/dark/1.png", "\x89PNG\r\n\x1a\n cut off");
  const Outcome outcome = gradus({"train", "--data", spec(), "--out", "run"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_NE(outcome.err.find("d/train/dark/1.png: it cannot be read as PNG: "), std::string::npos)
      << outcome.err;
  EXPECT_FALSE(exists("run"));
}

}  // namespace
}  // namespace gradus
