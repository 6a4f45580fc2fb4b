// gradus report: one page about a run.
#include <nlohmann/json.hpp>

#include "app/cli/verb.h"
#include "app/report/write.h"

namespace gradus::cli {
namespace {

class Report : public Verb {
 public:
  void define(Arguments& arguments) override {
    arguments.positional(dir_, "DIR", "folder of a run: finished, going on, or cut off");
    arguments.group("Output");
    arguments.value(out_, {"--out", "FILE", "the page to write", "report.html in DIR"});
    arguments.flag(no_figures_, "--no-figures",
                   "write the page alone, not its drawings as files in DIR/figures");
    view_.define(arguments);
    arguments.example("gradus report runs/first");
    arguments.example("gradus report runs/first --out first.html --no-figures");
  }

  int run(const Terminal&) override {
    const report::RunFacts facts = report::gather(dir_);
    const report::Written written =
        report::write(facts, {.file = out_.value_or(""), .figures = !no_figures_});
    if (view_.json) {
      nlohmann::ordered_json figures = nlohmann::ordered_json::array();
      for (const auto& figure : written.figures) figures.push_back(figure.string());
      write_output(nlohmann::ordered_json{{"report", written.page.string()}, {"figures", figures}}.dump() +
                   "\n");
    } else {
      write_output(written.page.string() + "\n");
    }
    for (const std::string& note : facts.notes) view_.note("note      " + note);
    return 0;
  }

 private:
  std::string dir_;
  std::optional<std::string> out_;
  bool no_figures_ = false;
  View view_;
};

}  // namespace

std::unique_ptr<Verb> make_report_verb() { return std::make_unique<Report>(); }

}  // namespace gradus::cli
