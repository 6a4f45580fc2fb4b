// The optimizers a run can choose by name.
#include <fmt/format.h>

#include "base/check.h"
#include "base/suggest.h"
#include "gradus/optim.h"

namespace gradus::optim {

namespace {

// Numbers with every default filled in.
struct Chosen {
  double lr, momentum, weight_decay;
  bool decay_all;
};

struct Maker {
  OptimizerInfo info;
  std::unique_ptr<Optimizer> (*make)(const Groups&, const Chosen&);
};

// The common fields of an option struct whose momentum is not asked for.
template <class O, class Options>
std::unique_ptr<Optimizer> make_plain(const Groups& groups, const Chosen& c) {
  return std::make_unique<O>(groups,
                             Options{.lr = c.lr, .weight_decay = c.weight_decay, .decay_all = c.decay_all});
}

std::unique_ptr<Optimizer> make_sgd(const Groups& groups, const Chosen& c, bool nesterov) {
  return std::make_unique<Sgd>(groups, SgdOptions{.lr = c.lr,
                                                  .momentum = c.momentum,
                                                  .weight_decay = c.weight_decay,
                                                  .nesterov = nesterov,
                                                  .decay_all = c.decay_all});
}

// Nothing decays unless it is asked for, adamw's parameters neither.
template <class Options>
OptimizerInfo info(std::string name, std::string description) {
  return {std::move(name), std::move(description), Options().lr, 0, 0, false};
}

const std::vector<Maker>& makers() {
  static const std::vector<Maker> table = {
      {{"sgd", "stochastic gradient descent, with momentum if set", 0.01, 0, 0, true},
       [](const Groups& g, const Chosen& c) { return make_sgd(g, c, false); }},
      {{"nesterov", "gradient descent with Nesterov momentum", 0.01, 0.9, 0, true},
       [](const Groups& g, const Chosen& c) { return make_sgd(g, c, true); }},
      {info<RmsPropOptions>("rmsprop", "steps scaled by a running mean of the gradient's size"),
       make_plain<RmsProp, RmsPropOptions>},
      {info<AdagradOptions>("adagrad", "steps scaled by the sum of all squared gradients"),
       make_plain<Adagrad, AdagradOptions>},
      {info<AdamOptions>("adam", "running means of the gradient and its square"),
       make_plain<Adam, AdamOptions>},
      {info<AdamWOptions>("adamw", "adam with weight decay apart from the gradient"),
       make_plain<AdamW, AdamWOptions>},
  };
  return table;
}

const Maker& find_maker(std::string_view name) {
  std::vector<std::string> names;
  for (const Maker& maker : makers()) {
    if (maker.info.name == name) return maker;
    names.push_back(maker.info.name);
  }
  fail(Fault::usage, "optimizer '{}': there is no such optimizer.{} Known are {}.", name,
       did_you_mean(name, names), fmt::join(names, ", "));
}

}  // namespace

const std::vector<OptimizerInfo>& optimizers() {
  static const std::vector<OptimizerInfo> list = [] {
    std::vector<OptimizerInfo> infos;
    for (const Maker& maker : makers()) infos.push_back(maker.info);
    return infos;
  }();
  return list;
}

const OptimizerInfo& find_optimizer(std::string_view name) { return find_maker(name).info; }

std::unique_ptr<Optimizer> make_optimizer(std::string_view name, const Groups& groups,
                                          const NamedOptions& options) {
  const Maker& maker = find_maker(name);
  require(Fault::usage, !options.momentum || maker.info.takes_momentum,
          "optimizer '{}': momentum belongs to sgd and nesterov. Leave it out.", name);
  return maker.make(groups, {.lr = options.lr.value_or(maker.info.lr),
                             .momentum = options.momentum.value_or(maker.info.momentum),
                             .weight_decay = options.weight_decay.value_or(maker.info.weight_decay),
                             .decay_all = options.decay_all});
}

}  // namespace gradus::optim
