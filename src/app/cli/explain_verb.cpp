// gradus explain: one training step written out with its numbers.
#include "app/cli/config_flags.h"
#include "app/cli/explain_svg.h"
#include "app/cli/explain_text.h"
#include "app/cli/health_text.h"
#include "app/cli/verb.h"
#include "base/check.h"
#include "base/file.h"
#include "train/checkpoint.h"
#include "train/prepare.h"
#include "train/run_folder.h"

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

class Explain : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(
        target_, "DIR|RUN.toml",
        "A run folder (its next step from the newest checkpoint, else its trained weights), or settings of a "
        "run; neither: a 2-2-1 network");
    flags_.define(arguments,
                  {"data",        "model",        "loss",      "init_from", "init_layers",  "freeze",
                   "fold",        "standardize",  "normalize", "val_split", "augment",      "batch_size",
                   "optimizer",   "lr",           "momentum",  "schedule",  "weight_decay", "decay_all",
                   "clip_norm",   "clip_value",   "max_norm",  "l1",        "l2",           "label_smoothing",
                   "huber_delta", "class_weight", "seed",      "threads",   "precision"});
    arguments.group("View");
    arguments.value(row_, {"--row", "N", "example N of the training part alone, from 0", "the first batch"});
    arguments.values(layers_, {"--layer", "NAME", "this layer and what it holds only; may be repeated"});
    arguments.value(
        weight_, {"--weight", "NAME[I,J]", "the paths from one weight to the loss, as layers.0.weight[3,7]"});
    arguments.value(paths_, {"--paths", "N", "how many of them to list", "10"});
    arguments.value(graph_, {"--graph", "FILE.svg|FILE.dot",
                             "draw the step there: by layer (.svg), or every node for Graphviz (.dot)"});
    arguments.value(html_, {"--html", "FILE", "write it there as a page, with the drawing"});
    arguments.flag(health_, "--health", "the history of a run's health, and what was found wrong");
    view_.define(arguments);
    arguments.example("gradus explain");
    arguments.example("gradus explain --weight layers.0.weight[0,1]");
    arguments.example("gradus explain runs/moons --row 0");
    arguments.example("gradus explain runs/moons --layer layers.0 --layer layers.2");
    arguments.example("gradus explain runs/moons --graph moons.svg");
    arguments.example("gradus explain runs/moons --health");
    arguments.example("gradus explain --data make_moons --model seed --optimizer sgd");
  }

  int run(const Terminal& terminal) override {
    if (health_) return show_health(terminal);
    train::ExplainOptions options;
    if (row_) options.row = whole_number("--row", *row_, 0);
    require(Fault::usage, weight_ || !paths_,
            "--paths: it belongs to --weight, which was not given. Add it.");
    const std::int64_t paths = paths_ ? whole_number("--paths", *paths_, 1, 10000) : 10;
    const bool dot = graph_ && graph_->ends_with(".dot");
    require(Fault::usage, !graph_ || dot || graph_->ends_with(".svg"),
            "--graph: a file that ends in .svg or .dot was needed, '{}' was given.", graph_.value_or(""));
    require(Fault::usage, !graph_ || !weight_,
            "--graph: it shows the whole step, --weight one weight. Leave one out.");
    require(Fault::usage, !html_ || !weight_,
            "--html: it shows the whole step, --weight one weight. Leave one out.");
    require(Fault::usage, layers_.empty() || !weight_,
            "--layer: it chooses among the layers, --weight shows one weight. Leave one out.");
    const auto [prepared, checkpoint] = subject();
    if (checkpoint) options.from = &*checkpoint;
    if (weight_) {
      const train::WeightExplanation found =
          train::explain_weight(prepared, *weight_, options, static_cast<std::size_t>(paths));
      write_output(view_.json ? weight_json(found) : weight_text(found));
      return 0;
    }
    const train::Explanation explanation = train::explain(prepared, options);
    if (graph_)
      write_file(*graph_, dot ? train::explain_dot(prepared, options) : explanation_svg(explanation));
    const train::Explanation shown = train::only(explanation, layers_);
    if (html_) write_file(*html_, explanation_html(shown, explanation_svg(explanation)));
    write_output(view_.json ? explanation_json(shown) : explanation_text(shown));
    return 0;
  }

 private:
  int show_health(const Terminal& terminal) const {
    require(Fault::usage, target_.has_value(),
            "--health: a run folder was needed. Name one, as in runs/moons.");
    require(Fault::usage, !row_ && !weight_ && !paths_ && !graph_ && !html_ && layers_.empty(),
            "--health: it shows a run's history, the other views one step. Leave them out.");
    const std::string flag = flags_.first_given();
    require(Fault::usage, flag.empty(), "{}: a run folder has its own settings; leave the flag out.", flag);
    train::saved_config(*target_);  // refuses what is no run
    const train::HealthRecord record = train::read_health(*target_);
    write_output(view_.json ? health_json(record) : health_text(record, terminal.unicode));
    return 0;
  }

  // A run, and the checkpoint to go on from.
  struct Subject {
    train::Prepared run;
    std::optional<train::Checkpoint> checkpoint = {};
  };
  Subject subject() const {
    const std::string flag = flags_.first_given();
    if (!target_ && flag.empty()) return {train::built_in_run()};
    const bool is_file = target_ && (fs::is_regular_file(*target_) || target_->ends_with(".toml"));
    if (target_ && !is_file) {
      require(Fault::usage, flag.empty(), "{}: a run folder has its own settings; leave the flag out.", flag);
      if (!train::has_checkpoint(*target_)) return {train::prepare_trained(*target_)};
      Subject found{train::prepare_again(*target_), train::read_latest_checkpoint(*target_)};
      found.run.config.out = *target_;
      return found;
    }
    train::RunConfig config = target_ ? train::read_config(*target_) : train::RunConfig();
    flags_.apply(config);
    return {train::prepare(config)};
  }

  std::optional<std::string> target_, row_, weight_, paths_, graph_, html_;
  std::vector<std::string> layers_;
  bool health_ = false;
  ConfigFlags flags_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_explain_verb() { return std::make_unique<Explain>(); }

}  // namespace gradus::cli
