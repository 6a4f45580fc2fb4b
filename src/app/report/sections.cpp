#include "app/report/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/figures/markup.h"
#include "app/report/html.h"
#include "app/report/results.h"
#include "base/text.h"

namespace gradus::report {
namespace {

constexpr std::size_t kShownClasses = 100;

std::string share_of(double value, std::int64_t whole) { return whole > 0 ? share(value) : "-"; }

// In single quotes where a shell would read it otherwise.
std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || c >= 0x80 ||
           std::string_view("-_./:=,+@%").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string environment_table(const train::Environment& e) {
  HtmlTable table({}, 2);
  table.row({"gradus", fmt::format("{}, built by {}", e.version, e.compiler)});
  table.row({"processor", e.machine.processor});
  table.row({"threads", fmt::format("{} used, {} there", e.threads, e.machine.cores)});
  table.row({"memory", bytes_text(static_cast<double>(e.machine.memory_bytes))});
  for (const Backend& library : e.libraries)
    table.row({library.name, fmt::format("{}, uses {}", library.version, library.instructions)});
  table.row({"precision", e.precision});
  table.row({"system", e.machine.system});
  return table.str();
}

}  // namespace

std::string scores_html(const RunFacts& facts) {
  HtmlTable table({"part", "examples", "loss", "accuracy"});
  std::size_t rows = 0;
  const auto add = [&](const char* part, const std::optional<train::Scores>& scores) {
    if (!scores) return;
    ++rows;
    table.row(
        {part, grouped(scores->n), measure(scores->loss), scores->accuracy ? share(*scores->accuracy) : "-"});
  };
  if (facts.history.finish) {
    add("training", facts.history.finish->train);
    add("validation", facts.history.finish->val);
    add("test", facts.history.finish->test);
  } else if (!facts.history.epochs.empty()) {
    const train::EpochEvent& last = facts.history.epochs.back();
    add("training, last epoch", last.train);
    add("validation, last epoch", last.val);
  }
  return rows > 0 ? table.str() : "";
}

std::string findings_html(const RunFacts& facts) {
  if (facts.history.findings.empty()) return "";
  HtmlTable table({"step", "where", "what was seen", "what to do"}, 4);
  for (const train::Finding& finding : facts.history.findings)
    table.row({grouped(finding.step), finding.place, finding.evidence, finding.remedy});
  return table.str();
}

std::string classes_html(const train::Review& review) {
  if (!review.result.report) return "";
  const metrics::ClassReport& report = *review.result.report;
  HtmlTable table({"class", "precision", "recall", "F1", "examples"});
  std::int64_t total = 0;
  for (std::size_t k = 0; k < report.classes.size(); ++k) {
    const metrics::ClassScores& c = report.classes[k];
    total += c.support;
    if (k >= kShownClasses) continue;
    table.row({review.result.class_names[k], share_of(c.precision, c.predicted),
               share_of(c.recall, c.support), share_of(c.f1, c.predicted + c.support), grouped(c.support)});
  }
  table.total({"macro mean", share(report.macro.precision), share(report.macro.recall),
               share(report.macro.f1), grouped(total)});
  std::string html = table.str();
  if (report.classes.size() > kShownClasses)
    html +=
        paragraph(fmt::format("Of {} classes the first {} are shown.", report.classes.size(), kShownClasses));
  return html;
}

std::string model_html(const RunFacts& facts) {
  if (facts.layers.empty()) return "";
  HtmlTable table({"layer", "kind", "output", "parameters", "FLOPs"}, 3);
  std::int64_t parameters = 0, flops = 0;
  for (const nn::SummaryRow& row : facts.layers) {
    parameters += row.parameters, flops += row.flops;
    table.row({row.path, row.kind, row.output.str(), grouped(row.parameters),
               brief(static_cast<double>(row.flops))});
  }
  table.total({"total", "", "", grouped(parameters), brief(static_cast<double>(flops))});
  return table.str() + "<p class=\"soft\">FLOPs: forward, for one example.</p>\n";
}

std::string data_html(const RunFacts& facts) {
  if (!facts.data) return paragraph(facts.config.data);
  const DataFacts& data = *facts.data;
  HtmlTable what({}, 2);
  what.row({"data", facts.config.data});
  what.row({"inputs", data.inputs});
  what.row({"targets", data.targets});
  what.row({"scaling", data.scaling});
  what.row({"augmentation", facts.config.augment});
  HtmlTable parts({"part", "examples", "checksum of inputs and targets"});
  for (const PartFacts& part : data.parts)
    parts.row(
        {part.name, grouped(part.examples), part.checksum.empty() ? "not computed: large" : part.checksum});
  std::string html = what.str() + "<h3>Parts</h3>\n" + parts.str();
  if (data.class_counts.empty() || data.class_counts.size() > kShownClasses) return html;
  HtmlTable classes({"class", "training examples"});
  for (std::size_t k = 0; k < data.class_counts.size(); ++k)
    classes.row({data.class_names[k], grouped(data.class_counts[k])});
  return html + "<details><summary>Classes</summary>\n" + classes.str() + "</details>\n";
}

std::string environment_html(const RunFacts& facts) {
  const std::vector<train::Environment>& told = facts.history.environments;
  if (told.empty())
    return environment_table(train::environment_of(facts.config)) +
           paragraph("Where this page was written: the history does not tell where the run was trained.");
  std::string html;
  for (const train::Environment& environment : told) {
    if (told.size() > 1) html += paragraph(fmt::format("From step {} on:", grouped(environment.from_step)));
    html += environment_table(environment);
  }
  return html;
}

std::string reproduce_html(const RunFacts& facts) {
  const std::string dir = facts.dir.lexically_normal().string();
  const std::string plain = dir.ends_with('/') ? dir.substr(0, dir.size() - 1) : dir;
  return fmt::format(
      "<p>With the settings of run.toml, and seed {}, the same build gives the same weights, bit for bit, on "
      "the same "
      "instruction set and number of threads:</p>\n<pre>gradus train {} --out {}</pre>\n"
      "<details><summary>run.toml</summary>\n<pre>{}</pre></details>\n",
      facts.config.seed, figures::escaped(shell_word(plain + "/run.toml")),
      figures::escaped(shell_word(plain + "-again")), figures::escaped(train::to_toml(facts.config)));
}

}  // namespace gradus::report
