// gradus gradcheck: a model's gradients against numeric ones.
#include <nlohmann/json.hpp>

#include "app/cli/config_flags.h"
#include "app/cli/verb.h"
#include "base/call_text.h"
#include "base/check.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kFailedExit = 1;

class Gradcheck : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(target_, "DIR|RUN.toml",
                                  "A run folder (its trained weights), or settings of a run");
    flags_.define(arguments, {"data", "model", "loss", "init_from", "standardize", "normalize", "val_split",
                              "l1", "l2", "label_smoothing", "huber_delta", "class_weight", "seed"});
    arguments.group("Check");
    arguments.value(examples_, {"--examples", "N", "examples in the batch", "8"});
    arguments.value(tolerance_, {"--tolerance", "X", "the largest relative error that passes", "1e-6"});
    view_.define(arguments);
    arguments.example("gradus gradcheck runs/first");
    arguments.example("gradus gradcheck --data make_moons --model mlp");
  }

  int run(const Terminal&) override {
    const std::vector<train::GradcheckRow> rows = check();
    bool passed = true;
    for (const train::GradcheckRow& row : rows) passed = passed && row.check.passed();
    write_output(view_.json ? json(rows, passed) : text(rows, passed));
    return passed ? 0 : kFailedExit;
  }

 private:
  std::vector<train::GradcheckRow> check() const {
    train::GradcheckOptions options;
    if (examples_) options.batch_size = whole_number("--examples", *examples_, 1);
    if (tolerance_) {
      const std::optional<double> tolerance = parse_number(*tolerance_);
      require(Fault::usage, tolerance && *tolerance > 0,
              "--tolerance: a number above 0 was needed, '{}' was given.", *tolerance_);
      options.check.tolerance = *tolerance;
    }
    const bool is_file = target_ && (fs::is_regular_file(*target_) || target_->ends_with(".toml"));
    if (target_ && !is_file) {
      const std::string flag = flags_.first_given();
      require(Fault::usage, flag.empty(), "{}: a run folder has its own settings; leave the flag out.", flag);
      return train::gradcheck(fs::path(*target_), options);
    }
    train::RunConfig config = target_ ? train::read_config(*target_) : train::RunConfig();
    flags_.apply(config);
    return train::gradcheck(config, options);
  }

  static std::string json(const std::vector<train::GradcheckRow>& rows, bool passed) {
    using Json = nlohmann::ordered_json;
    Json list = Json::array();
    for (const train::GradcheckRow& row : rows) {
      list.push_back({{"parameter", row.parameter},
                      {"shape", row.shape.list()},
                      {"worst", row.check.worst},
                      {"where", row.check.where},
                      {"checked", row.check.checked},
                      {"skipped", row.check.kinks.size()},
                      {"passed", row.check.passed()}});
    }
    return Json{{"passed", passed}, {"parameters", list}}.dump() + "\n";
  }

  static std::string text(const std::vector<train::GradcheckRow>& rows, bool passed) {
    TextTable table({{"parameter"},
                     {"shape"},
                     {"checked", TextTable::Align::right},
                     {"at kinks", TextTable::Align::right},
                     {"worst error", TextTable::Align::right},
                     {""}});
    std::string worst;
    for (const train::GradcheckRow& row : rows) {
      table.row({row.parameter, row.shape.str(), grouped(row.check.checked),
                 grouped(static_cast<std::int64_t>(row.check.kinks.size())),
                 fmt::format("{:.2e}", row.check.worst), row.check.passed() ? "ok" : "WRONG"});
      if (!row.check.passed()) worst += fmt::format("{}: {}\n", row.parameter, row.check.summary());
    }
    return table.str() + worst + (passed ? "All gradients agree.\n" : "Gradients differ.\n");
  }

  std::optional<std::string> target_, examples_, tolerance_;
  ConfigFlags flags_;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_gradcheck_verb() { return std::make_unique<Gradcheck>(); }

}  // namespace gradus::cli
