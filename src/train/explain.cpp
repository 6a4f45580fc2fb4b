#include "train/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/suggest.h"
#include "compiler/rewrite.h"
#include "gradus/op_def.h"
#include "gradus/ops.h"
#include "graph/print.h"
#include "graph/sources.h"
#include "train/array_view.h"
#include "train/explain_step.h"
#include "train/formula.h"
#include "train/stepper.h"

namespace gradus::train {

namespace {

// "layers.2.weight" -> "W", "layers.2.bias" -> "b", others by their last part.
std::string letter(const Variable& parameter) {
  const std::string& name = parameter.name();
  const std::string last = name.substr(name.rfind('.') + 1);
  return last == "weight" ? "W" : last == "bias" ? "b" : last;
}

// Arrays to show: their values are asked for together, when all steps are known.
class Plan {
 public:
  Plan(const Prepared& run, const ExplainOptions& options, LookedBatch batch, const Update& update)
      : run_(run), options_(options), batch_(std::move(batch)), step_(run, batch_), update_(update) {
    append_update();
    name_values();
  }

  Graph& graph() { return step_.graph; }
  const Value& total() const { return step_.objective.total; }

  Explanation make() {
    forward();
    loss();
    backward();
    update();
    const std::vector<Tensor> tensors = values_of(step_.graph, wanted_, run_, batch_);
    std::size_t next = 0;
    std::int64_t number = 0;
    const auto fill = [&](std::vector<ArrayView>& arrays) {
      for (ArrayView& array : arrays) {
        ArrayView filled = view_of(tensors[next++], options_);
        filled.symbol = array.symbol, filled.name = array.name, filled.formula = array.formula;
        array = std::move(filled);
      }
    };
    Explanation e{.examples = batch_.examples,
                  .row = options_.row,
                  .from = {},
                  .loss_name = run_.model.loss,
                  .optimizer = run_.config.optimizer,
                  .precision = run_.config.precision,
                  .lr = update_.optimizer->lr().value().at(0),
                  .loss = 0,
                  .batch = std::move(given_),
                  .steps = std::move(steps_)};
    if (options_.from != nullptr) e.from = options_.from->state.step;
    fill(e.batch);
    for (ExplainStep& step : e.steps) {
      fill(step.arrays);
      step.number = ++number;
    }
    e.loss = tensors.back().at(0);
    return e;
  }

 private:
  // A state write, which shows a variable after the step.
  struct Write {
    Variable variable;
    Value after;
  };

  void append_update() {
    Values gradients;
    for (std::size_t i = 0; i < step_.parameters.size(); ++i)
      if (step_.parameters[i].trainable()) gradients.push_back(step_.dw[i]);
    apply_update(step_.graph, run_, std::move(gradients), update_);
    for (const Node& node : step_.graph.nodes())
      if (has_effect(node))
        writes_.push_back({node.attr<StateOptions>().variable, Value(&step_.graph, node.id)});
  }

  void name_values() {
    symbols_.name(step_.in.x, "x");
    symbols_.name(step_.in.y, "t");
    if (step_.in.weight) symbols_.name(step_.in.weight, "c");
    for (std::size_t k = 0; k < step_.layers.size(); ++k) {
      for (const Variable& parameter : step_.layers[k].parameters) {
        const std::string symbol = fmt::format("{}{}", letter(parameter), k + 1);
        parameter_symbols_[parameter.id()] = symbol;
        symbols_.name(read(step_.graph, parameter), symbol);
      }
      symbols_.name(step_.layers[k].y, fmt::format("y{}", k + 1));
    }
    symbols_.name(step_.objective.total, "L");
    for (std::size_t k = step_.layers.size(); k-- > 0;)
      symbols_.name(step_.dy[k], fmt::format("dy{}", k + 1));
    for (std::size_t i = 0; i < step_.parameters.size(); ++i)
      symbols_.name(step_.dw[i], gradient_symbol(step_.parameters[i]));
    symbols_.name(read(step_.graph, update_.optimizer->lr()), "lr");
    for (const Write& write : writes_) {
      const std::string symbol = symbol_of(write.variable), after_symbol = fmt::format("{}'", symbol);
      const Value before = step_.graph.find(write.variable);
      if (before) symbols_.name(before, symbol);
      symbols_.name(write.after, after_symbol);
      symbols_.name(write.after.node().in[0], after_symbol);
    }
  }

  // "W2"; of an optimizer's variable "adam.m/layers.2.weight" "m_W2"; of "adam.step" "step".
  std::string symbol_of(const Variable& variable) const {
    if (const auto found = parameter_symbols_.find(variable.id()); found != parameter_symbols_.end())
      return found->second;
    const std::string& name = variable.name();
    const std::size_t slash = name.find('/');
    const std::string head = name.substr(0, slash);
    const std::string last = head.substr(head.rfind('.') + 1);
    if (slash == std::string::npos) return variable.role() == Role::statistic ? statistic_symbol(name) : last;
    for (const Variable& parameter : step_.parameters)
      if (parameter.name() == name.substr(slash + 1)) return fmt::format("{}_{}", last, symbol_of(parameter));
    return name;
  }

  std::string gradient_symbol(const Variable& parameter) const {
    return fmt::format("d{}", symbol_of(parameter));
  }

  // "layers.1.running_mean" -> "running_mean2", if that layer is the second one shown.
  std::string statistic_symbol(const std::string& name) const {
    const std::size_t dot = name.rfind('.');
    for (std::size_t k = 0; k < step_.layers.size(); ++k)
      if (step_.layers[k].path == name.substr(0, dot))
        return fmt::format("{}{}", name.substr(dot + 1), k + 1);
    return name;
  }

  static ExplainStep step_of(ExplainStep::Stage stage, std::string path, std::string kind = "") {
    ExplainStep step;
    step.stage = stage, step.path = std::move(path), step.kind = std::move(kind);
    return step;
  }

  ArrayView ask(const Value& value, std::string symbol, std::string name, std::string formula = "") {
    wanted_.push_back(value);
    ArrayView array;
    array.symbol = std::move(symbol), array.name = std::move(name), array.formula = std::move(formula);
    return array;
  }
  std::string formula_of(const Value& value) const { return formula(value, symbols_); }

  void forward() {
    given_.push_back(ask(step_.in.x, "x", "examples"));
    given_.push_back(ask(step_.in.y, "t", "targets"));
    if (step_.in.weight) given_.push_back(ask(step_.in.weight, "c", "weights of the examples"));
    for (std::size_t k = 0; k < step_.layers.size(); ++k) {
      const LookedLayer& layer = step_.layers[k];
      ExplainStep step = step_of(ExplainStep::forward, layer.path, layer.kind);
      step.reads = step_.reads_of(layer.y);
      for (const Variable& parameter : layer.parameters)
        step.arrays.push_back(ask(read(step_.graph, parameter), symbol_of(parameter), parameter.name()));
      step.arrays.push_back(ask(layer.y, symbols_.of(layer.y), "output", formula_of(layer.y)));
      steps_.push_back(std::move(step));
    }
  }

  void loss() {
    const Value& total = step_.objective.total;
    ExplainStep step = step_of(ExplainStep::loss, "loss", run_.model.loss);
    step.reads = step_.reads_of(total);
    step.arrays.push_back(ask(total, "L", "loss", formula_of(total)));
    steps_.push_back(std::move(step));
  }

  void backward() {
    for (std::size_t k = step_.layers.size(); k-- > 0;) {
      const LookedLayer& layer = step_.layers[k];
      ExplainStep step = step_of(ExplainStep::backward, layer.path, layer.kind);
      step.arrays.push_back(ask(step_.dy[k], fmt::format("dy{}", k + 1), fmt::format("dL/dy{}", k + 1),
                                made_of(step_.dy[k], fmt::format("dy{}", k + 1))));
      for (const Variable& parameter : layer.parameters) {
        const std::string symbol = gradient_symbol(parameter);
        const Value& dw = gradient_of(parameter);
        step.arrays.push_back(
            ask(dw, symbol, fmt::format("dL/d{}", symbol_of(parameter)), made_of(dw, symbol)));
      }
      steps_.push_back(std::move(step));
    }
  }

  // The formula of a value that goes by `symbol`: another symbol of it says most.
  std::string made_of(const Value& value, const std::string& symbol) const {
    const std::string first = symbols_.of(value);
    return first == symbol ? formula_of(value) : first;
  }

  const Value& gradient_of(const Variable& parameter) const {
    const auto at = std::find(step_.parameters.begin(), step_.parameters.end(), parameter);
    GRADUS_CHECK(at != step_.parameters.end());
    return step_.dw[static_cast<std::size_t>(at - step_.parameters.begin())];
  }

  void update() {
    std::vector<char> shown(writes_.size(), 0);
    const auto show = [&](ExplainStep& step, std::size_t i) {
      const auto& [variable, after] = writes_[i];
      const std::string symbol = symbol_of(variable), after_symbol = fmt::format("{}'", symbol);
      if (const Value before = step_.graph.find(variable))
        step.arrays.push_back(ask(before, symbol, variable.name()));
      step.arrays.push_back(
          ask(after, after_symbol, fmt::format("{} after", variable.name()), formula_of(after.node().in[0])));
      shown[i] = 1;
    };
    const auto show_alone = [&](auto&& chosen) {
      for (std::size_t i = 0; i < writes_.size(); ++i) {
        if (shown[i] || !chosen(writes_[i].variable)) continue;
        ExplainStep step = step_of(ExplainStep::update, writes_[i].variable.name());
        show(step, i);
        steps_.push_back(std::move(step));
      }
    };
    // The count of steps, which the formulas of all parameters read.
    show_alone([](const Variable& variable) {
      return variable.role() == Role::optimizer && variable.name().find('/') == std::string::npos;
    });
    for (const Variable& parameter : step_.parameters) {
      ExplainStep step = step_of(ExplainStep::update, parameter.name());
      const bool trained = std::any_of(writes_.begin(), writes_.end(),
                                       [&](const Write& write) { return write.variable == parameter; });
      if (!trained) continue;
      step.arrays.push_back(ask(gradient_of(parameter), gradient_symbol(parameter),
                                fmt::format("dL/d{}", symbol_of(parameter))));
      for (std::size_t i = 0; i < writes_.size(); ++i) {
        const Variable& variable = writes_[i].variable;
        if (variable == parameter || variable.name().ends_with("/" + parameter.name())) show(step, i);
      }
      steps_.push_back(std::move(step));
    }
    show_alone([](const Variable&) { return true; });
    wanted_.push_back(step_.objective.total);  // the last: make() takes the loss from there
  }

  const Prepared& run_;
  const ExplainOptions& options_;
  LookedBatch batch_;
  LookedStep step_;
  const Update& update_;
  std::vector<Write> writes_;
  std::map<const void*, std::string> parameter_symbols_;
  Symbols symbols_;
  Values wanted_;
  std::vector<ArrayView> given_;
  std::vector<ExplainStep> steps_;
};

}  // namespace

LookedBatch batch_to_explain(const Prepared& run, const ExplainOptions& options) {
  return batch_to_look_at(run, options.row, options.from != nullptr ? options.from->state.step : 0);
}

Explanation explain(const Prepared& run, const ExplainOptions& options) {
  const Update update = update_to_explain(run, options.from);
  return Plan(run, options, batch_to_explain(run, options), update).make();
}

Explanation explain(const Prepared& run, const Stepper& next, const ExplainOptions& options) {
  const std::int64_t number = next.position();
  const Update& update = next.update();
  update.optimizer->lr().value().values<double>()[0] = next.lr_at(number);
  return Plan(run, options, batch_of_step(run, number), update).make();
}

Explanation only(Explanation explanation, const std::vector<std::string>& layers) {
  if (layers.empty()) return explanation;
  const auto holds = [](const std::string& layer, const std::string& path) {
    return path == layer || path.starts_with(layer + ".");
  };
  std::vector<std::string> known;
  for (const ExplainStep& step : explanation.steps)
    if (step.stage == ExplainStep::forward) known.push_back(step.path);
  for (const std::string& layer : layers) {
    const bool found =
        std::any_of(known.begin(), known.end(), [&](const std::string& path) { return holds(layer, path); });
    require(Fault::usage, found,
            "--layer: one of the network's layers was needed, from {} to {}, '{}' was given.{}",
            known.front(), known.back(), layer, did_you_mean(layer, known));
  }
  std::erase_if(explanation.steps, [&](const ExplainStep& step) {
    return std::none_of(layers.begin(), layers.end(),
                        [&](const std::string& layer) { return holds(layer, step.path); });
  });
  return explanation;
}

std::string explain_dot(const Prepared& run, const ExplainOptions& options) {
  const Update update = update_to_explain(run, options.from);
  Plan plan(run, options, batch_to_explain(run, options), update);
  plan.graph().output(plan.total(), "loss");
  return print_dot(plan.graph());
}

}  // namespace gradus::train
