#include "train/explain_weight.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "base/suggest.h"
#include "train/explain_step.h"
#include "train/local_function.h"
#include "train/path_sums.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

// A parameter's place in the network's list, and an element of it.
struct Element {
  std::size_t parameter = 0;
  std::int64_t element = 0;
};

std::string index_text(std::int64_t element, const Shape& shape, int first_axis = 0) {
  std::vector<std::int64_t> index;
  for (int axis = shape.rank() - 1; axis >= first_axis; --axis) {
    index.insert(index.begin(), element % shape[axis]);
    element /= shape[axis];
  }
  return index.empty() ? "" : fmt::format("[{}]", fmt::join(index, ","));
}

Element parse_element(const std::string& text, const std::vector<Variable>& parameters) {
  const std::size_t bracket = text.find('[');
  std::vector<std::int64_t> index;
  bool good = bracket != std::string::npos && bracket > 0 && text.back() == ']';
  for (std::size_t at = bracket + 1; good && at < text.size();) {
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data() + at, text.data() + text.size(), number);
    good = fault == std::errc() && (*end == ',' || end + 1 == text.data() + text.size());
    index.push_back(number);
    at = static_cast<std::size_t>(end - text.data()) + 1;
  }
  require(Fault::usage, good,
          "--weight: a parameter and an index were needed, as in layers.0.weight[3,7], '{}' was given.",
          text);
  const std::string name = text.substr(0, bracket);
  std::vector<std::string> names;
  for (const Variable& parameter : parameters) names.push_back(parameter.name());
  const auto found = std::find(names.begin(), names.end(), name);
  require(Fault::usage, found != names.end(),
          "--weight {}: there is no parameter '{}'.{} The first is {}, the last {}.", text, name,
          did_you_mean(name, names), names.empty() ? "none" : names.front(),
          names.empty() ? "none" : names.back());
  Element e{static_cast<std::size_t>(found - names.begin()), 0};
  const Shape& shape = parameters[e.parameter].type().shape;
  bool inside = static_cast<int>(index.size()) == shape.rank();
  for (int axis = 0; inside && axis < shape.rank(); ++axis) {
    const std::int64_t i = index[static_cast<std::size_t>(axis)];
    inside = i >= 0 && i < shape[axis];
    e.element = e.element * shape[axis] + i;
  }
  require(Fault::usage, inside,
          "--weight {}: an index into {} was needed, [{}] was given. Give one number an axis, from 0.", text,
          shape.str(), fmt::join(index, ","));
  return e;
}

Prepared in_double(const Prepared& run) {
  Prepared copy = run;
  copy.model.network = in_f64(run.model.network);
  copy.config.precision = "f64";
  return copy;
}

// The step in f64, cut into layers; the loss is the last.
class Paths {
 public:
  Paths(const Prepared& run, const ExplainOptions& options, const Element& weight)
      : run_(in_double(run)),
        batch_(batch_to_explain(run_, options)),
        step_(run_, batch_),
        parameter_(step_.parameters[weight.parameter]),
        element_(weight.element) {
    for (const LookedLayer& layer : step_.layers) cuts_.push_back(layer.y);
    cuts_.push_back(step_.objective.total);
    const std::size_t layers = cuts_.size();
    for (const Value& given : {step_.in.x, step_.in.y, step_.in.weight})
      if (given) cuts_.push_back(given);
    numbers_.resize(cuts_.size());
    dy_.resize(step_.layers.size());
    for (std::size_t k = 0; k < layers; ++k) functions_.emplace_back(cuts_[k], cuts_, numbers_);
    follow();
    fetch();
  }

  void explain(WeightExplanation& e, std::size_t count) {
    e.grouped = grouped_;
    PathGraph graph(1 + static_cast<std::size_t>(offsets_.back()));
    for (std::size_t k = 0; k < functions_.size(); ++k) {
      if (!functions_[k].reads(parameter_)) continue;
      const Tensor column = functions_[k].column(parameter_, element_);
      for (std::int64_t i = 0; i < column.size(); ++i) graph.edge(0, node(k, i), column.at(i));
    }
    if (e.grouped)
      add_groups(graph);
    else
      add_layers(graph);
    const PathGraph::Sums sums = graph.from(0, count);
    e.sum = sums.sum, e.magnitude = sums.magnitude, e.paths = sums.paths;
    for (const PathGraph::Path& path : sums.largest) {
      WeightPath shown{.factors = {}, .product = path.product};
      for (std::size_t i = 0; i < path.factors.size(); ++i)
        shown.factors.push_back({unit_name(path.nodes[i + 1]), path.factors[i]});
      e.shown += path.product;
      e.shown_magnitude += std::abs(path.product);
      e.largest.push_back(std::move(shown));
    }
  }

  // (L(w + h) - L(w - h)) / 2h, and how much it changes when h is halved.
  std::pair<double, double> difference() {
    LookedStep step(run_, batch_);
    Session session = session_of(step.graph, {step.objective.total}, run_, batch_);
    const double w = parameter_.value().at(element_), h = 1e-6 * std::max(1.0, std::abs(w));
    const auto loss_at = [&](double moved) {
      parameter_.value().set(element_, moved);
      session.run();
      return session.output(0).at(0);
    };
    const auto slope = [&](double d) { return (loss_at(w + d) - loss_at(w - d)) / (2 * d); };
    const double whole = slope(h), half = slope(h / 2);
    parameter_.value().set(element_, w);
    return {whole, std::abs(whole - half)};
  }

 private:
  std::size_t node(std::size_t layer, std::int64_t element) const {
    return 1 + static_cast<std::size_t>(offsets_[layer] + element);
  }

  std::string unit_name(std::size_t node) const {
    std::size_t layer = 0;
    while (static_cast<std::size_t>(offsets_[layer + 1]) < node) ++layer;
    if (layer == step_.layers.size()) return "L";
    const Shape& shape = cuts_[layer].shape();
    const auto element = static_cast<std::int64_t>(node) - 1 - offsets_[layer];
    return step_.layers[layer].path + index_text(element, shape, shape[0] == 1 ? 1 : 0);
  }

  // Which layers' outputs depend on the weight, whether their Jacobians are too large, and so which have
  // units.
  void follow() {
    std::int64_t entries = 0;
    for (std::size_t k = 0; k < functions_.size(); ++k) {
      const bool through = follows(k);
      depends_.push_back(through || functions_[k].reads(parameter_));
      if (through) entries += cuts_[k].shape().size() * functions_[k].inputs();
    }
    grouped_ = entries > kMaxPathEntries;
    offsets_ = {0};
    for (std::size_t k = 0; k < functions_.size(); ++k) {
      const bool last = k == step_.layers.size();
      const bool has_units = last || (grouped_ ? functions_[k].reads(parameter_) : depends_[k] != 0);
      offsets_.push_back(offsets_.back() + (has_units ? cuts_[k].shape().size() : 0));
    }
  }
  // Whether a layer reads one that depends on the weight.
  bool follows(std::size_t layer) const {
    const std::vector<std::size_t>& reads = functions_[layer].reads();
    return std::any_of(reads.begin(), reads.end(),
                       [&](std::size_t read) { return read < depends_.size() && depends_[read] != 0; });
  }

  // The numbers that derivatives are taken at: of a large network only a part is needed, and has room.
  void fetch() {
    Values wanted;
    std::vector<Tensor*> places;
    const auto want = [&](const Value& value, Tensor& place) {
      wanted.push_back(value);
      places.push_back(&place);
    };
    std::vector<char> needed(cuts_.size(), 0);
    for (std::size_t k = 0; k < functions_.size(); ++k) {
      const bool first = functions_[k].reads(parameter_);
      if (!first && (grouped_ || !follows(k))) continue;
      for (const std::size_t cut : functions_[k].needs()) needed[cut] = 1;
      if (grouped_ && k < step_.layers.size()) want(step_.dy[k], dy_[k]);
    }
    for (std::size_t cut = 0; cut < cuts_.size(); ++cut)
      if (needed[cut]) want(cuts_[cut], numbers_[cut]);
    const std::vector<Tensor> found = values_of(step_.graph, wanted, run_, batch_);
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = found[i];
  }

  void add_layers(PathGraph& graph) {
    for (std::size_t k = 0; k < functions_.size(); ++k) {
      const std::vector<std::size_t>& reads = functions_[k].reads();
      if (!follows(k)) continue;
      for (std::int64_t i = 0; i < cuts_[k].shape().size(); ++i) {
        const std::vector<Tensor>& row = functions_[k].row(i);
        for (std::size_t r = 0; r < reads.size(); ++r) {
          if (!depends_[reads[r]]) continue;
          for (std::int64_t j = 0; j < row[r].size(); ++j)
            graph.edge(node(reads[r], j), node(k, i), row[r].at(j));
        }
      }
    }
  }

  // One edge from each unit to the loss: all that can follow it.
  void add_groups(PathGraph& graph) const {
    for (std::size_t k = 0; k < dy_.size(); ++k)
      for (std::int64_t i = 0; dy_[k].defined() && i < dy_[k].size(); ++i)
        graph.edge(node(k, i), node(step_.layers.size(), 0), dy_[k].at(i));
  }

  Prepared run_;
  LookedBatch batch_;
  LookedStep step_;
  Variable parameter_;
  std::int64_t element_;
  Values cuts_;                  // the layers' outputs, the loss, the batch
  std::vector<Tensor> numbers_;  // of those of cuts_ that are needed
  std::vector<Tensor> dy_;       // of the first units where paths are grouped
  std::deque<LocalFunction> functions_;
  std::vector<char> depends_;
  std::vector<std::int64_t> offsets_;  // of each layer's units among all
  bool grouped_ = false;
};

double engine_gradient(const Prepared& run, const ExplainOptions& options, const Element& weight) {
  const LookedBatch batch = batch_to_explain(run, options);
  LookedStep step(run, batch);
  return values_of(step.graph, {step.dw[weight.parameter]}, run, batch)[0].at(weight.element);
}

}  // namespace

WeightExplanation explain_weight(const Prepared& run, const std::string& weight,
                                 const ExplainOptions& options, std::size_t count) {
  if (options.from != nullptr) update_to_explain(run, options.from);
  const std::vector<Variable> parameters = run.model.network.parameters();
  const Element at = parse_element(weight, parameters);
  const Variable& parameter = parameters[at.parameter];
  WeightExplanation e;
  e.weight = parameter.name() + index_text(at.element, parameter.type().shape);
  e.value = parameter.value().at(at.element);
  e.precision = run.config.precision;
  e.gradient = engine_gradient(run, options, at);
  Paths paths(run, options, at);
  paths.explain(e, count);
  std::tie(e.difference, e.difference_change) = paths.difference();
  return e;
}

}  // namespace gradus::train
