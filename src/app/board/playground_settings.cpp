#include "app/board/playground_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"
#include "gradus/data.h"

namespace gradus::board {
namespace {

using namespace playground;

// A data set's name on the page, and its data spec without n_samples and test.
struct Generator {
  const char* name;
  std::string (*spec)(const PlaygroundSettings&);
  double noise;  // the one that suits it
};

const std::vector<Generator>& generators() {
  static const std::vector<Generator> list = {
      {"moons", [](const PlaygroundSettings& s) { return fmt::format("make_moons:noise={}", s.noise); },
       0.15},
      {"circles",
       [](const PlaygroundSettings& s) { return fmt::format("make_circles:factor=0.5,noise={}", s.noise); },
       0.1},
      {"spirals",
       [](const PlaygroundSettings& s) {
         return fmt::format("spirals:n_classes={},noise={}", s.classes, s.noise);
       },
       0.02},
      {"blobs",
       [](const PlaygroundSettings& s) {
         return fmt::format("make_blobs:centers={},cluster_std={}", s.classes, 10 * s.noise);
       },
       0.15},
      {"classification",
       [](const PlaygroundSettings& s) {
         return fmt::format(
             "make_classification:n_features=2,n_redundant=0,n_clusters_per_class=1,n_classes={},flip_y={}",
             s.classes, std::min(s.noise, 1.0));
       },
       0.05}};
  return list;
}

constexpr const char* kKeys[] = {"optimizer", "lr",   "momentum",   "weight_decay", "l1",
                                 "l2",        "loss", "batch_size", "seed"};
constexpr const char* kActivations[] = {"tanh", "relu", "sigmoid", "leaky_relu", "elu",
                                        "selu", "gelu", "silu",    "softplus",   "identity"};

// One member of the JSON object, taken with its type and bounds.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {
    require(Fault::usage, json.is_object(), "playground: settings as a JSON object were needed.");
  }

  void text(const char* key, std::string& value, std::size_t most = 200) {
    const Json* found = find(key);
    if (!found) return;
    require(Fault::usage, found->is_string(), "{}: a text was needed, {} was given.", key, shown(*found));
    value = found->get<std::string>();
    require(Fault::usage, value.size() <= most, "{}: at most {} bytes were needed, {} were given.", key, most,
            value.size());
  }
  void flag(const char* key, bool& value) {
    const Json* found = find(key);
    if (!found) return;
    require(Fault::usage, found->is_boolean(), "{}: true or false was needed, {} was given.", key,
            shown(*found));
    value = found->get<bool>();
  }
  void number(const char* key, double& value, double low, double high) {
    const Json* found = find(key);
    if (!found) return;
    require(Fault::usage, found->is_number() && found->get<double>() >= low && found->get<double>() <= high,
            "{}: a number from {} to {} was needed, {} was given.", key, low, high, shown(*found));
    value = found->get<double>();
  }
  void whole(const char* key, std::int64_t& value, std::int64_t low, std::int64_t high) {
    if (const Json* found = find(key)) value = whole(key, *found, low, high);
  }
  void widths(const char* key, std::vector<std::int64_t>& value) {
    const Json* found = find(key);
    if (!found) return;
    require(Fault::usage, found->is_array() && found->size() <= static_cast<std::size_t>(kMostLayers),
            "{}: a list of at most {} layers' widths was needed, {} was given.", key, kMostLayers,
            shown(*found));
    value.clear();
    for (const Json& width : *found) value.push_back(whole(key, width, 1, kMostWidth));
  }
  // Whatever the library's own parser of this key takes; null leaves it out.
  void passed(const char* key, PlaygroundSettings& settings) {
    const Json* found = find(key);
    if (!found || found->is_null()) return;
    require(Fault::usage, found->is_string() || found->is_number(),
            "{}: a text or a number was needed, {} was given.", key, shown(*found));
    settings.keys.emplace_back(key, found->is_string() ? found->get<std::string>() : found->dump());
  }
  void refuse_others() const {
    for (const auto& [key, value] : json_.items()) {
      require(Fault::usage, std::find(known_.begin(), known_.end(), key) != known_.end(),
              "playground: there is no setting '{}'.{}", key, did_you_mean(key, known_));
    }
  }

 private:
  const Json* find(const char* key) {
    known_.emplace_back(key);
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  static std::string shown(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60);
  }
  static std::int64_t whole(const char* key, const Json& json, std::int64_t low, std::int64_t high) {
    require(Fault::usage,
            json.is_number_integer() && json.get<std::int64_t>() >= low && json.get<std::int64_t>() <= high,
            "{}: a whole number from {} to {} was needed, {} was given.", key, low, high, shown(json));
    return json.get<std::int64_t>();
  }

  const Json& json_;
  std::vector<std::string> known_;
};

nn::LayerSpec entry(std::string kind, const char* option = nullptr, nn::OptionValue value = {}) {
  nn::LayerSpec layer{.kind = std::move(kind)};
  if (option) layer.options.push_back({option, std::move(value)});
  return layer;
}

nn::LayerSpec dense(const PlaygroundSettings& s, std::int64_t units) {
  nn::LayerSpec layer = entry("dense", "units", units);
  if (!s.initializer.empty()) layer.options.push_back({"init", s.initializer});
  return layer;
}

// Text that parse_model() reads back, so that every layer and option is checked as in a model file.
nn::ModelSpec model_of(const PlaygroundSettings& s, std::int64_t outputs) {
  nn::ModelSpec spec;
  std::int64_t before = 0;
  for (const std::int64_t width : s.hidden) {
    std::vector<nn::LayerSpec> block = {dense(s, width)};
    if (s.batch_norm) block.push_back(entry("batch_norm"));
    block.push_back(entry(s.activation));
    if (s.dropout > 0) block.push_back(entry("dropout", "rate", s.dropout));
    if (s.skip && before == width)
      spec.layers.push_back(entry("residual", "layers", block));
    else
      spec.layers.insert(spec.layers.end(), block.begin(), block.end());
    before = width;
  }
  spec.layers.push_back(dense(s, outputs));
  return nn::parse_model(nn::to_toml(spec), "playground");
}

std::string data_spec(const PlaygroundSettings& s, const std::filesystem::path& csv_file) {
  std::string spec;
  if (s.data == "csv") {
    require(Fault::usage, !s.csv.empty(), "csv: the text of a CSV file was needed. Choose a file.");
    spec = "csv:" + csv_file.string();
    if (!s.target.empty()) spec += ",target=" + s.target;
  } else {
    const auto& list = generators();
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Generator& known) { return s.data == known.name; });
    std::vector<std::string> names = {"csv"};
    for (const Generator& known : list) names.emplace_back(known.name);
    require(Fault::usage, found != list.end(), "data: there is no '{}'.{} Known are {}.", s.data,
            did_you_mean(s.data, names), fmt::join(names, ", "));
    spec = fmt::format("{},n_samples={}", found->spec(s), s.examples);
  }
  return s.test > 0 ? fmt::format("{},test={}", spec, s.test) : spec;
}

// How many units the network must end in: one for each class, or for two classes of sigmoids and for numbers
// one alone.
std::int64_t outputs_for(const train::RunConfig& config) {
  const bool regression = !config.loss.empty() && !nn::find_loss(config.loss).classifies;
  const data::Dataset data =
      data::open(
          data::parse_spec(config.data),
          {.seed = config.seed, .targets = regression ? data::Targets::real : data::Targets::automatic})
          .train;
  require(Fault::data, data.size() <= kMostExamples,
          "csv: at most {} examples fit the playground, the file has {}. Take fewer rows.", kMostExamples,
          data.size());
  const std::int64_t features = data.example_shape().size();
  require(Fault::data, features >= 2 && features <= kMostFeatures,
          "csv: 2 to {} numeric columns beside the target were needed, the file gives {}.", kMostFeatures,
          features);
  if (data.kind == data::Kind::real) return data.y.shape().without(0).size();
  require(Fault::data, data.classes <= kMostClasses,
          "csv: at most {} classes fit the playground, the target column has {}.", kMostClasses,
          data.classes);
  return config.loss == "sigmoid_cross_entropy" && data.classes == 2 ? 1 : data.classes;
}

}  // namespace

PlaygroundSettings parse_playground(const Json& json) {
  PlaygroundSettings s;
  Reader reader(json);
  reader.text("data", s.data);
  reader.whole("examples", s.examples, 10, kMostExamples);
  reader.whole("classes", s.classes, 2, 4);
  reader.number("noise", s.noise, 0, 1);
  reader.number("test", s.test, 0, 0.9);
  reader.text("csv", s.csv, kMostCsvBytes);
  reader.text("target", s.target);
  reader.widths("hidden", s.hidden);
  reader.text("activation", s.activation);
  reader.text("initializer", s.initializer);
  reader.flag("batch_norm", s.batch_norm);
  reader.flag("skip", s.skip);
  reader.number("dropout", s.dropout, 0, 0.9);
  for (const char* key : kKeys) reader.passed(key, s);
  reader.refuse_others();
  require(Fault::usage, s.target.find(',') == std::string::npos && s.target.find('+') == std::string::npos,
          "target: the name of one column was needed, '{}' was given.", s.target);
  return s;
}

train::RunConfig playground_run(const PlaygroundSettings& s, const std::filesystem::path& csv_file) {
  train::RunConfig config;
  for (const auto& [key, value] : s.keys) {
    require(Fault::usage, key != "optimizer" || value != "least_squares",
            "optimizer: one that takes steps was needed, least_squares solves for all weights at once.");
    train::set_from_text(config, key, value, key);
  }
  config.data = data_spec(s, csv_file);
  config.steps = kMostSteps;
  config.threads = 1;
  config.layers = model_of(s, outputs_for(config));
  return config;
}

Json playground_choices() {
  Json data = Json::array(), losses = Json::array(), optimizers = Json::array();
  for (const Generator& known : generators()) data.push_back({{"name", known.name}, {"noise", known.noise}});
  for (const nn::LossDef& loss : nn::losses()) losses.push_back(loss.name);
  for (const optim::OptimizerInfo& known : optim::optimizers())
    optimizers.push_back({{"name", known.name}, {"lr", known.lr}, {"takes_momentum", known.takes_momentum}});
  Json initializers = Json::array();
  // Those that need no further number.
  for (const std::string& name : nn::Initializer::names())
    if (name != "constant" && name != "uniform" && name != "normal") initializers.push_back(name);
  return {{"data", data},
          {"activations", kActivations},
          {"initializers", initializers},
          {"losses", losses},
          {"optimizers", optimizers},
          {"bounds",
           {{"layers", kMostLayers},
            {"width", kMostWidth},
            {"examples", kMostExamples},
            {"csv_bytes", kMostCsvBytes}}}};
}

}  // namespace gradus::board
