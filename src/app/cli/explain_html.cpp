#include <fmt/format.h>

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
    "h3{margin:.6em 0 0;font-size:1em}.drawing{overflow-x:auto}"
    "#walk{position:sticky;top:0;background:#fff;padding:.5em 0;border-bottom:1px solid #ddd;display:flex;"
    "gap:.7em;align-items:center;z-index:1}#walk[hidden]{display:none}#at{flex:1;max-width:24em}"
    "g.later{opacity:.15}g.now rect{stroke:#c60;stroke-width:3}";

// Without it the page shows all steps.
constexpr const char* kScript = R"(
"use strict";
const slider = document.getElementById("at"), said = document.querySelector("#walk output");
const steps = [...document.querySelectorAll("section[data-step]")];
const boxes = [...document.querySelectorAll("g[data-step]")];
const headings = [...document.querySelectorAll("h2")];
function show() {
  const n = Number(slider.value), now = n > 0 ? Number(steps[n - 1].dataset.step) : 0;
  for (const step of steps) step.hidden = n > 0 && Number(step.dataset.step) !== now;
  for (const heading of headings) heading.hidden = n > 0;
  for (const table of document.querySelectorAll("body > table")) table.hidden = n > 0;
  for (const box of boxes) {
    box.classList.toggle("now", Number(box.dataset.step) === now);
    box.classList.toggle("later", n > 0 && Number(box.dataset.step) > now);
  }
  said.textContent = n === 0 ? `all ${steps.length}; move to walk through them` : steps[n - 1].querySelector("h3").textContent;
}
slider.addEventListener("input", show);
document.getElementById("walk").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("walk").hidden = false;
show();
)";

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

std::string explanation_html(const Explanation& explanation, const std::string& drawing) {
  std::string steps;
  const ExplainStep* last = nullptr;
  for (const ExplainStep& step : explanation.steps) {
    if (last == nullptr || last->stage != step.stage)
      steps += fmt::format("<h2>{}</h2>\n", figures::escaped(stage_title(step.stage)));
    steps += fmt::format("<section data-step=\"{0}\">\n<h3>{0}. {1}</h3>\n{2}</section>\n", step.number,
                         figures::escaped(step_title(step)), rows(step.arrays));
    last = &step;
  }
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<title>One training step</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<h1>One training step</h1>\n<p>{}</p>\n"
      "<form id=\"walk\" hidden><label for=\"at\">Step</label> <input id=\"at\" type=\"range\" min=\"0\" "
      "max=\"{}\" value=\"0\"> <output for=\"at\"></output></form>\n"
      "<div class=\"drawing\">\n{}</div>\n<h2>Batch</h2>\n{}{}<script>{}</script>\n</body>\n</html>\n",
      kStyle, figures::escaped(opening_text(explanation)), explanation.steps.size(), drawing,
      rows(explanation.batch), steps, kScript);
}

}  // namespace gradus::cli
