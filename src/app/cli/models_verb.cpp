// gradus models: the named models, and one of them as a model file.
#include <nlohmann/json.hpp>

#include "app/cli/choices.h"
#include "app/cli/model_table.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/text.h"

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
    arguments.optional_positional(name_, "NAME", "A named model", model_choices());
    arguments.group("Model");
    arguments.value(input_, {"--input", "N,N,...", "the shape of one example; by default the paper's"});
    arguments.value(outputs_, {"--outputs", "N", "units the model ends in: one for each class"});
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
    TextTable table({{"name"},
                     {"parameters", TextTable::Align::right},
                     {"FLOPs", TextTable::Align::right},
                     {"input"},
                     {"what"},
                     {"paper"}});
    for (const nn::NamedModel& model : nn::named_models()) {
      const nn::ModelSpec spec = nn::named_model(model.name, model.input, model.outputs);
      const LayerTotals totals = totals_of(nn::summary(nn::build(spec, model.input)));
      all.push_back({{"name", model.name},
                     {"description", model.description},
                     {"parameters", totals.parameters},
                     {"flops", totals.flops},
                     {"input", model.input.list()},
                     {"outputs", model.outputs},
                     {"paper", model.paper.empty() ? Json() : Json(model.paper)}});
      table.row({model.name, grouped(totals.parameters), brief(static_cast<double>(totals.flops)),
                 model.input.str(), model.description, model.paper});
    }
    write_output(view_.json ? Json{{"models", all}}.dump() + "\n" : table.str());
  }

  void show() const {
    Shape input{1, 28, 28};  // of a name that is not known: named_model() refuses it
    std::int64_t outputs = 10;
    for (const nn::NamedModel& model : nn::named_models()) {
      if (model.name == *name_) input = model.input, outputs = model.outputs;
    }
    if (input_) input = shape_of(*input_);
    if (outputs_) outputs = whole_number("--outputs", *outputs_, 1);
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
