// gradus models: the named models, and one of them as a model file.
#include <nlohmann/json.hpp>

#include "app/cli/model_table.h"
#include "app/cli/text.h"
#include "app/cli/verb.h"
#include "base/check.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;

Shape shape_of(const std::string& text) {
  std::vector<std::int64_t> extents;
  for (const std::string& part : parts_of(text, ',')) {
    extents.push_back(whole_number("--input", part, 1));
  }
  return Shape(extents);
}

class Models : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(name_, "NAME", "A named model");
    arguments.group("Model");
    arguments.value(input_, {"--input", "N,N,...", "the shape of one example", "1,28,28"});
    arguments.value(outputs_, {"--outputs", "N", "units the model ends in: one for each class", "10"});
    view_.define(arguments);
    arguments.example("gradus models");
    arguments.example("gradus models mlp --input 4 --outputs 3 > model.toml");
  }

  int run(const Terminal&) override {
    if (name_)
      show();
    else
      list();
    return 0;
  }

 private:
  void list() const {
    Json all = Json::array();
    std::string text;
    for (const nn::NamedModel& model : nn::named_models()) {
      all.push_back({{"name", model.name}, {"description", model.description}});
      text += fmt::format("{:<14}  {}\n", model.name, model.description);
    }
    write_output(view_.json ? Json{{"models", all}}.dump() + "\n" : text);
  }

  void show() const {
    const Shape input = shape_of(input_.value_or("1,28,28"));
    const std::int64_t outputs = whole_number("--outputs", outputs_.value_or("10"), 1);
    const nn::ModelSpec spec = nn::named_model(*name_, input, outputs);
    const std::vector<nn::SummaryRow> rows = nn::summary(nn::build(spec, input));
    if (view_.json) {
      const LayerTotals totals = totals_of(rows);
      write_output(Json{{"name", *name_},
                        {"input", input.list()},
                        {"outputs", outputs},
                        {"parameters", totals.parameters},
                        {"flops", totals.flops},
                        {"layers", layers_json(rows)},
                        {"toml", nn::to_toml(spec)}}
                       .dump() +
                   "\n");
      return;
    }
    view_.note(layer_table(rows));
    write_output(nn::to_toml(spec));
  }

  std::optional<std::string> name_, input_, outputs_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_models_verb() { return std::make_unique<Models>(); }

}  // namespace gradus::cli
