#include "app/report/page.h"

#include <fmt/format.h>

#include "app/figures/markup.h"
#include "app/report/curves.h"
#include "app/report/html.h"
#include "app/report/mistakes.h"
#include "app/report/results.h"
#include "app/report/sections.h"
#include "base/text.h"

namespace gradus::report {
namespace {

using figures::escaped;

class Writer {
 public:
  explicit Writer(const RunFacts& facts) : facts_(facts) {}

  Page page() {
    const std::string name = facts_.dir.lexically_normal().string();
    add("curves", "Curves", curves());
    add("gradients", "Gradient norms", gradients());
    add("findings", "What the run noticed", findings_html(facts_));
    add("confusion", "Classes", classes());
    add("predictions", "Predictions", predictions());
    add("mistakes", "Worst mistakes", mistakes());
    add("weights", "Weights and gradients", weights());
    add("model", "Model", model_html(facts_));
    add("data", "Data", data_html(facts_));
    add("environment", "Environment", environment_html(facts_));
    add("reproduce", "How to reproduce", reproduce_html(facts_));
    page_.html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\">\n<title>{0}</title>\n<style>{1}{2}</style>\n</"
        "head>\n"
        "<body>\n<header>\n<h1>{0}</h1>\n<nav class=\"soft\">{3}</nav>\n</header>\n{4}{5}</body>\n</html>\n",
        escaped(name), page_style(), figures::figure_style(), links_, opening(), sections_);
    return std::move(page_);
  }

 private:
  void add(std::string_view id, std::string_view heading, const std::string& html) {
    if (html.empty()) return;
    sections_ += section(id, heading, html);
    links_ += fmt::format("<a href=\"#{}\">{}</a>", id, escaped(heading));
  }

  // A figure on the page and among the files; "" for none.
  std::string shown(std::optional<figures::Figure> figure) {
    if (!figure) return "";
    page_.figures.push_back(*std::move(figure));
    return fmt::format("<figure>{}</figure>\n", figures::inline_svg(page_.figures.back()));
  }

  static std::string side_by_side(const std::string& html) {
    return html.empty() ? "" : fmt::format("<div class=\"figures\">\n{}</div>\n", html);
  }

  std::string opening() const {
    return section("summary", "Summary",
                   paragraph(summary_text(facts_)) + scores_html(facts_) + bullets(facts_.notes));
  }

  std::string curves() {
    std::string html = shown(loss_curves(facts_.history));
    html += shown(accuracy_curves(facts_.history));
    html += shown(lr_curve(facts_.history));
    if (html.empty()) return paragraph("The run recorded no steps and no epochs.");
    return side_by_side(html);
  }

  std::string gradients() {
    std::string html = shown(gradient_map(facts_.history));
    if (html.empty())
      return paragraph(
          "The run recorded no gradient norms. With --health-every N, gradus train looks at them every Nth "
          "step.");
    return paragraph("Of each parameter, at the steps the run looked at. Reddish: 0, or not finite.") + html;
  }

  std::string classes() {
    if (!facts_.review) return "";
    const train::Review& review = *facts_.review;
    const std::string table = classes_html(review);
    if (table.empty()) return "";
    const std::string map = shown(confusion_map(review));
    const std::vector<std::string> frequent = frequent_confusions(review);
    const std::string list =
        frequent.empty() ? "" : "<h3>Most frequent confusions</h3>\n" + bullets(frequent);
    return scored_text() + side_by_side(map + fmt::format("<div>{}{}</div>\n", table, list));
  }

  std::string predictions() {
    if (!facts_.review || facts_.review->result.report) return "";
    const train::EvalResult& r = facts_.review->result;
    HtmlTable table({"measure", "value"});
    const auto add = [&](const char* name, const std::optional<double>& value) {
      if (value) table.row({name, measure(*value)});
    };
    add("mean squared error", r.mse);
    add("mean absolute error", r.mae);
    add("R2", r.r2);
    return scored_text() + side_by_side(shown(predictions_over_truth(*facts_.review)) + table.str());
  }

  std::string mistakes() {
    std::string html = mistakes_html(facts_);
    if (html.empty()) return "";
    const Tensor sheet = mistakes_sheet(*facts_.review);
    if (sheet.defined()) page_.pictures.push_back({"mistakes", data::to_png(sheet)});
    return html;
  }

  std::string weights() {
    if (!facts_.review) return "";
    const std::vector<figures::BarRow> rows = histograms(*facts_.review);
    if (rows.empty()) return "";
    page_.figures.push_back(figures::drawn("histograms", "Weights and their gradients", rows));
    std::string html;
    for (const figures::BarRow& row : rows)
      html += fmt::format("<figure>{}</figure>\n", figures::inline_svg(figures::drawn(row.title, "", {row})));
    const std::size_t all = facts_.review->parameters.size();
    const std::string some =
        rows.size() == all ? "" : fmt::format(" Of {} parameters {} are shown.", all, rows.size());
    return paragraph(
               fmt::format("The trained weights, and the gradients of the loss on {} in training mode.{}",
                           counted(facts_.review->gradient_batch, "training example"), some)) +
           side_by_side(html);
  }

  std::string scored_text() const {
    const train::Review& review = *facts_.review;
    const std::string some =
        review.examples == review.all ? "" : fmt::format(" of {}, evenly chosen", grouped(review.all));
    return paragraph(fmt::format("On {}{} of the {}.", counted(review.examples, "example"), some,
                                 part_text(review.result.part)));
  }

  const RunFacts& facts_;
  Page page_;
  std::string sections_, links_;
};

}  // namespace

Page page_of(const RunFacts& facts) { return Writer(facts).page(); }

}  // namespace gradus::report
