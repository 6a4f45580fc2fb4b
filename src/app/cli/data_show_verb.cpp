// gradus data show: training images, augmented if asked, as one picture.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/data_source.h"
#include "app/cli/verb.h"
#include "app/figures/contact_sheet.h"
#include "base/check.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

constexpr std::int64_t kCount = 36, kMost = 1024;

std::string class_name(const data::Dataset& set, std::int64_t index) {
  const auto at = static_cast<std::size_t>(index);
  if (at < set.class_names.size()) return set.class_names[at];
  return at < set.labels.values.size() ? set.labels.values[at] : std::to_string(index);
}

// Row i's class; of mixed ones the largest share with its percentage.
std::string caption(const data::Dataset& set, const Tensor& y, std::int64_t i) {
  if (!y.defined() || set.kind == data::Kind::real) return "";
  if (y.shape().rank() == 1) return class_name(set, static_cast<std::int64_t>(y.at(i)));
  const std::int64_t k = y.shape()[1];
  std::int64_t best = 0;
  for (std::int64_t j = 1; j < k; ++j)
    if (y.at(i * k + j) > y.at(i * k + best)) best = j;
  const std::string name = class_name(set, best);
  const double percent = std::round(100 * y.at(i * k + best));
  return percent == 100 ? name : fmt::format("{:.0f}% {}", percent, name);
}

class DataShow : public Verb {
 public:
  void define(Arguments& arguments) override {
    source_.define(arguments, "what to show");
    arguments.value(augment_, {"--augment", "SPEC", "changes of the images, as of 'gradus train'", "none"});
    arguments.value(count_, {"--count", "N", "how many images", std::to_string(kCount)});
    arguments.group("Output");
    arguments.value(out_, {"--out", "FILE", "the file to write, .png; needed", ""});
    view_.define(arguments);
    arguments.example("gradus data show fashion-mnist --out images.png");
    arguments.example("gradus data show images:photos,size=64 --augment crop=8,flip --out augmented.png");
  }

  int run(const Terminal&) override {
    require(Fault::usage, out_.has_value(), "data show: --out FILE was needed, it was not given.");
    require(Fault::usage, out_->ends_with(".png"), "--out: a file ending in .png was needed, '{}' was given.",
            *out_);
    const auto augmentation = data::Augmentation::parse(augment_.value_or(""));
    const std::int64_t asked = count_ ? whole_number("--count", *count_, 1, kMost) : kCount;
    const data::Dataset set = source_.open().train;
    const Shape example = set.example_shape();
    require(Fault::data, example.rank() == 3 && (example[0] == 1 || example[0] == 3),
            "{}: images [1, H, W] or [3, H, W] were needed, the examples are {}.", source_.text(),
            example.str());
    data::Loader loader(
        set, {.batch_size = asked, .seed = source_.seed(), .augmentation = augmentation, .prefetch = 0});
    const data::Batch& batch = loader.next();
    Tensor images(DType::u8, batch.x.shape());
    for (std::int64_t i = 0; i < images.size(); ++i)
      images.set(i, std::round(255 * std::clamp(batch.x.at(i), 0.0, 1.0)));
    std::vector<std::string> captions;
    for (std::int64_t i = 0; i < batch.size; ++i) captions.push_back(caption(set, batch.y, i));
    const Tensor sheet = figures::contact_sheet(images, captions);
    data::write_png(*out_, sheet);
    show(sheet.shape(), batch.size);
    return 0;
  }

 private:
  void show(const Shape& shape, std::int64_t count) const {
    if (view_.json) {
      write_output(
          nlohmann::ordered_json{{"out", *out_}, {"count", count}, {"height", shape[1]}, {"width", shape[2]}}
              .dump() +
          "\n");
    } else {
      view_.note(fmt::format("{}: {} images, {} x {} pixels", *out_, count, shape[1], shape[2]));
    }
  }

  DataSource source_;
  std::optional<std::string> augment_, count_, out_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_data_show_verb() { return std::make_unique<DataShow>(); }

}  // namespace gradus::cli
