#include "app/report/mistakes.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/figures/markup.h"
#include "app/report/html.h"
#include "app/report/results.h"
#include "base/text.h"
#include "gradus/data.h"

namespace gradus::report {
namespace {

using figures::escaped;
using train::Mistake;

constexpr std::int64_t kShownFeatures = 8;
constexpr std::size_t kShownRows = 12;

// "true coat, said shirt (97.10 %)".
std::string verdict(const Mistake& mistake) {
  std::string text = fmt::format("true {}, predicted {}", mistake.truth, mistake.predicted);
  if (mistake.probability) text += fmt::format(" ({})", share(*mistake.probability));
  return text;
}

std::string pictures(const train::Review& review) {
  std::string html = "<div class=\"pictures\">\n";
  for (const Mistake& mistake : review.mistakes) {
    const std::string text = verdict(mistake);
    html += fmt::format(
        "<figure>{}<figcaption{}>{}<br><span class=\"soft\">loss {}, example "
        "{}</span></figcaption></figure>\n",
        picture(data::to_png(picture_of(mistake.x)), text),
        mistake.right || !mistake.probability ? "" : " class=\"bad\"", escaped(text), measure(mistake.loss),
        grouped(mistake.row));
  }
  return html + "</div>\n";
}

std::string rows(const train::Review& review, const std::vector<std::string>& names) {
  const std::int64_t features = std::min(review.mistakes[0].x.size(), kShownFeatures);
  const bool classes = review.mistakes[0].probability.has_value();
  std::vector<std::string> header = {"example", "true", "predicted"};
  if (classes) header.emplace_back("probability");
  header.emplace_back("loss");
  for (std::int64_t j = 0; j < features; ++j) {
    const auto at = static_cast<std::size_t>(j);
    header.push_back(at < names.size() ? names[at] : fmt::format("x{}", j));
  }
  if (features < review.mistakes[0].x.size()) header.emplace_back("...");
  HtmlTable table(header, 3);
  for (std::size_t i = 0; i < std::min(review.mistakes.size(), kShownRows); ++i) {
    const Mistake& mistake = review.mistakes[i];
    std::vector<std::string> cells = {grouped(mistake.row), mistake.truth, mistake.predicted};
    if (classes) cells.push_back(share(mistake.probability.value_or(0)));
    cells.push_back(measure(mistake.loss));
    for (std::int64_t j = 0; j < features; ++j) cells.push_back(measure(mistake.x.at(j)));
    if (features < mistake.x.size()) cells.emplace_back("...");
    table.row(cells);
  }
  return table.str();
}

}  // namespace

std::string mistakes_html(const RunFacts& facts) {
  if (!facts.review || facts.review->mistakes.empty()) return "";
  const train::Review& review = *facts.review;
  const auto wrong = std::count_if(review.mistakes.begin(), review.mistakes.end(),
                                   [](const Mistake& m) { return !m.right; });
  std::string text =
      fmt::format("The examples of the {} with the largest losses", part_text(review.result.part));
  const bool judged = review.result.report.has_value();
  if (judged && wrong == 0) text += "; the model is right about all of them";
  text += ". Examples are counted from 0.";
  const bool images = picture_of(review.mistakes[0].x).defined();
  static const std::vector<std::string> kNone;
  return paragraph(text) +
         (images ? pictures(review) : rows(review, facts.data ? facts.data->feature_names : kNone));
}

}  // namespace gradus::report
