#include "app/cli/dump.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggest.h"
#include "compiler/compile.h"
#include "gradus/compile.h"
#include "graph/print.h"
#include "train/precision.h"

namespace gradus::cli {
namespace {

constexpr std::string_view kAfter = "after:";

// The step of a full batch.
train::StepGraph step_of(const train::Prepared& run) {
  const std::int64_t examples = run.parts.train.size();
  const std::int64_t batch = run.config.batch_size.value_or(train::kFullBatch);
  return train::training_step(run, batch == train::kFullBatch ? examples : std::min(batch, examples));
}

std::string pass_name(const std::string& when) {
  require(Fault::usage, when.starts_with(kAfter), "--dump-graph: after:PASS was needed, '{}' was given.",
          when);
  std::string name = when.substr(kAfter.size());
  const std::vector<std::string> known = graph_pass_names();
  require(Fault::usage, std::find(known.begin(), known.end(), name) != known.end(),
          "--dump-graph: there is no pass '{}'; there are {}.{}", name, fmt::join(known, ", "),
          did_you_mean(name, known));
  return name;
}

}  // namespace

std::vector<std::string> dump_choices() {
  std::vector<std::string> choices = graph_pass_names();
  for (std::string& name : choices) name.insert(0, kAfter);
  return choices;
}

std::string graph_text(const train::RunConfig& config, const std::string& when) {
  const std::string wanted = when == "start" ? when : pass_name(when);
  const train::Prepared run = train::prepare(config);
  const train::StepGraph step = step_of(run);
  if (wanted == "start") return print(step.graph);
  std::string text;
  CompileOptions options = train::compile_options(run.config.precision, run.config.threads);
  options.watch = [&](std::string_view pass, const Graph& graph) {
    if (pass == wanted) text = print(graph);
  };
  compile(step.graph, options);
  return text;
}

std::string program_text(const train::RunConfig& config) {
  const train::Prepared run = train::prepare(config);
  return describe(
      *compile(step_of(run).graph, train::compile_options(run.config.precision, run.config.threads)));
}

}  // namespace gradus::cli
