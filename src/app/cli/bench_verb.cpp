// gradus bench: whole training steps of fixed networks, timed.
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "app/cli/profile_text.h"
#include "app/cli/verb.h"
#include "base/call_text.h"
#include "base/check.h"
#include "base/file.h"
#include "base/text.h"
#include "gradus/bench.h"

namespace gradus::cli {
namespace {

using Json = nlohmann::ordered_json;
using Align = TextTable::Align;

class Bench : public Verb {
 public:
  void define(Arguments& arguments) override {
    std::vector<std::string> names;
    for (const train::BenchWorkload& w : train::bench_workloads()) names.push_back(w.name);
    arguments.optional_positionals(workloads_, "WORKLOAD",
                                   fmt::format("{}, or a model file; by default all", fmt::join(names, ", ")),
                                   names);
    arguments.group("Measuring");
    arguments.value(threads_, {"--threads", "N", "threads; 0: all the machine offers", "0"});
    arguments.value(precision_, {"--precision",
                                 "P",
                                 "f32, bf16, bf16-emulated or f64",
                                 "f32",
                                 {"f32", "bf16", "bf16-emulated", "f64"}});
    arguments.value(batch_, {"--batch-size", "N", "examples in a step; by default the workload's"});
    arguments.value(seconds_, {"--seconds", "X", "time to spend on the steps of a workload", "2"});
    arguments.flag(inference_, "--inference", "the forward pass alone, in inference mode");
    arguments.flag(profile_, "--profile", "tables of where the time of a step goes");
    arguments.value(trace_, {"--trace", "FILE", "write the last steps there as Chrome trace events"});
    view_.define(arguments);
    arguments.example("gradus bench");
    arguments.example("gradus bench resnet20 --threads 2 --profile --trace resnet20.json");
  }

  int run(const Terminal&) override {
    train::BenchOptions options;
    options.threads = static_cast<int>(thread_count(threads_));
    if (precision_) options.precision = *precision_;
    if (batch_) options.batch = whole_number("--batch-size", *batch_, 1);
    if (seconds_) {
      const std::optional<double> value = parse_number(*seconds_);
      require(Fault::usage, value && *value > 0, "--seconds: a number above 0 was needed, '{}' was given.",
              *seconds_);
      options.seconds = *value;
    }
    options.inference = inference_;
    options.profile = profile_ || trace_;
    std::vector<std::string> names = workloads_;
    if (names.empty())
      for (const train::BenchWorkload& w : train::bench_workloads()) names.push_back(w.name);
    require(Fault::usage, !trace_ || names.size() == 1, "--trace: one workload was needed, {} were given.",
            names.size());
    for (const std::string& name : names) train::require_benchable(name, options);
    std::vector<train::BenchResult> results;
    for (const std::string& name : names) {
      results.push_back(train::bench(name, options));
      if (!results.back().note.empty()) view_.note("note: " + results.back().note);
      if (!view_.json && profile_) view_.note(profile_text(name, *results.back().profile));
    }
    if (trace_) write_file(*trace_, results[0].profile->trace);
    write_output(view_.json ? json(results) : table(results));
    return 0;
  }

 private:
  static std::string json(const std::vector<train::BenchResult>& results) {
    Json list = Json::array();
    for (const train::BenchResult& r : results) {
      list.push_back({{"workload", r.workload},
                      {"threads", r.threads},
                      {"precision", r.precision},
                      {"batch", r.batch},
                      {"step_ms", r.step_ms},
                      {"samples_per_s", r.samples_per_s},
                      {"parameters", r.parameters},
                      {"model_gflop_per_step", r.model_gflop_per_step},
                      {"gemm_gflops", r.gemm_gflops},
                      {"roofline_fraction", r.roofline_fraction},
                      {"peak_rss_mb", r.peak_rss_mb}});
    }
    return (results.size() == 1 ? list[0] : Json{{"results", list}}).dump() + "\n";
  }

  static std::string table(const std::vector<train::BenchResult>& results) {
    TextTable text({{"workload"},
                    {"batch", Align::right},
                    {"threads", Align::right},
                    {"step", Align::right},
                    {"examples/s", Align::right},
                    {"GFLOP/s", Align::right},
                    {"of GEMM", Align::right},
                    {"memory", Align::right}});
    for (const train::BenchResult& r : results) {
      text.row({r.workload, grouped(r.batch), std::to_string(r.threads), step_time(r.step_ms),
                brief(r.samples_per_s), measure(r.model_gflop_per_step / (1e-3 * r.step_ms)),
                share(r.roofline_fraction), bytes_text(r.peak_rss_mb * 1024 * 1024)});
    }
    return text.str();
  }

  std::vector<std::string> workloads_;
  std::optional<std::string> threads_, precision_, batch_, seconds_, trace_;
  bool profile_ = false, inference_ = false;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_bench_verb() { return std::make_unique<Bench>(); }

}  // namespace gradus::cli
