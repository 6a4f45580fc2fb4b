#include <fmt/format.h>

#include "app/cli/explain_svg.h"
#include "app/cli/explain_text.h"
#include "app/figures/markup.h"

namespace gradus::cli {
namespace {

using train::ArrayView;
using train::ExplainStep;
using train::Explanation;

constexpr const char* kStyle =
    "body{font:15px/1.45 sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%;margin:.3em 0 1.4em}"
    "td{border-top:1px solid #ddd;padding:.25em .7em .25em 0;vertical-align:top}"
    "td:nth-child(1){white-space:nowrap;font-weight:bold}"
    "td:nth-child(2){white-space:nowrap;color:#555}"
    "code{font:13px/1.4 monospace;overflow-wrap:anywhere}"
    "h3{margin:.6em 0 0;font-size:1em}.drawing{overflow-x:auto}";

std::string rows(const std::vector<ArrayView>& arrays) {
  std::string html = "<table>\n";
  for (const ArrayView& array : arrays) {
    const bool made = !array.formula.empty();
    html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}<code>{}</code></td></tr>\n",
                        figures::escaped(array.symbol),
                        array.type.shape.rank() == 0 ? "" : array.type.shape.str(),
                        made ? fmt::format("<code>= {}</code><br>", figures::escaped(array.formula))
                             : fmt::format("{}<br>", figures::escaped(array.name)),
                        figures::escaped(numbers_text(array)));
  }
  return html + "</table>\n";
}

}  // namespace

std::string explanation_html(const Explanation& explanation) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>One training "
      "step</title>\n<style>{}</style>\n</head>\n<body>\n<h1>One training step</h1>\n<p>{}</p>\n<div "
      "class=\"drawing\">\n{}</div>\n<h2>Batch</h2>\n{}",
      kStyle, figures::escaped(opening_text(explanation)), explanation_svg(explanation),
      rows(explanation.batch));
  std::size_t position = 0;
  const ExplainStep* last = nullptr;
  for (const ExplainStep& step : explanation.steps) {
    if (last == nullptr || last->stage != step.stage)
      html += fmt::format("<h2>{}</h2>\n", figures::escaped(stage_title(step.stage)));
    html +=
        fmt::format("<h3>{}. {}</h3>\n{}", ++position, figures::escaped(step_title(step)), rows(step.arrays));
    last = &step;
  }
  return html + "</body>\n</html>\n";
}

}  // namespace gradus::cli
