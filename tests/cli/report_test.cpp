// gradus report, and the page at the end of a run.
#include <algorithm>

#include "cli/program.h"
#include "support/markup_problem.h"

namespace gradus {
namespace {

class ReportVerb : public Program {
 protected:
  // The page of a run, checked for its form.
  std::string page(const std::string& run = "run") const {
    const std::string html = read(run + "/report.html");
    EXPECT_EQ(markup_problem(html, true), "");
    for (const std::string& name : exists(run + "/figures") ? list(run + "/figures") : Words()) {
      if (!name.ends_with(".svg")) continue;
      EXPECT_EQ(markup_problem(read(run + "/figures/" + name), false), "") << name;
    }
    return html;
  }
  static bool has(const std::string& html, const std::string& id) {
    return html.find("<section id=\"" + id + "\">") != std::string::npos;
  }
  void train(const Words& more) const {
    Words words = {"train", "--threads", "1", "--out", "run", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    output(words);
  }
};

TEST_F(ReportVerb, ARunEndsWithOne) {
  train({"--data", "make_blobs:n_samples=90,test=0.2", "--val-split", "0.2", "--epochs", "4", "--log-every",
         "1", "--probe", "every=2"});
  const std::string html = page();
  for (const char* id : {"summary", "curves", "gradients", "confusion", "mistakes", "weights", "model",
                         "data", "environment", "reproduce"})
    EXPECT_TRUE(has(html, id)) << id;
  EXPECT_EQ(list("run/figures"),
            (std::vector<std::string>{"accuracy.svg", "confusion.svg", "gradient-norms.svg", "histograms.svg",
                                      "learning-rate.svg", "loss.svg"}));
  EXPECT_NE(html.find("gradus train run/run.toml --out run-again"), std::string::npos);
  EXPECT_EQ(html.find("http"), html.find("http://www.w3.org/2000/svg")) << "the page needs nothing else";
  EXPECT_EQ(html.find("<script"), std::string::npos);
}

TEST_F(ReportVerb, NamesAreTextWhateverTheyHold) {
  std::string csv = "a,\"<img src=x onerror=alert(1)>\",who\n";
  for (int i = 0; i < 40; ++i)
    csv += std::to_string(i) + "," + std::to_string(i % 7) +
           (i < 20 ? ",<script>alert(1)</script>\n" : ",\"x\"\"&'\"\n");
  write("d.csv", csv);
  train({"--data", "csv:d.csv", "--epochs", "1"});
  const std::string html = page();
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<img src=x"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
}

TEST_F(ReportVerb, RegressionsShowPredictionsOverTruth) {
  train({"--data", "make_regression:n_samples=40,n_features=3,n_informative=3", "--model", "linear",
         "--epochs", "2"});
  const std::string html = page();
  EXPECT_TRUE(has(html, "predictions"));
  EXPECT_FALSE(has(html, "confusion"));
  EXPECT_TRUE(exists("run/figures/predictions.svg"));
}

TEST_F(ReportVerb, LeastSquaresHasNoStepsToShow) {
  train({"--data", "make_regression:n_samples=40,n_features=3,n_informative=3", "--model", "linear",
         "--optimizer", "least_squares"});
  EXPECT_NE(page().find("no steps and no epochs"), std::string::npos);
}

TEST_F(ReportVerb, LabelsHaveNoConfusion) {
  std::string csv = "a,b,p,q\n";
  for (int i = 0; i < 40; ++i)
    csv += std::to_string(i % 9) + "," + std::to_string(i % 5) + (i % 2 ? ",0,1\n" : ",1,1\n");
  write("d.csv", csv);
  train({"--data", "csv:d.csv,target=p|q", "--epochs", "2"});
  const std::string html = page();
  EXPECT_TRUE(has(html, "confusion"));
  EXPECT_FALSE(exists("run/figures/confusion.svg"));
  EXPECT_TRUE(has(html, "mistakes"));
}

TEST_F(ReportVerb, ImagesAreShown) {
  std::string images("\0\0\x08\x03\0\0\0\x14\0\0\0\x04\0\0\0\x04", 16), labels("\0\0\x08\x01\0\0\0\x14", 8);
  for (int i = 0; i < 20; ++i) {
    images += std::string(16, static_cast<char>(i % 2 ? 200 : 10 + i));
    labels += static_cast<char>(i % 2);
  }
  std::filesystem::create_directory(path("d"));
  for (const char* part : {"train", "t10k"}) {
    write(std::string("d/") + part + "-images-idx3-ubyte", images);
    write(std::string("d/") + part + "-labels-idx1-ubyte", labels);
  }
  train({"--data", "idx:d", "--model", "logistic", "--epochs", "1"});
  const std::string html = page();
  EXPECT_NE(html.find("<img src=\"data:image/png;base64,iVBOR"), std::string::npos);
  EXPECT_EQ(read("run/figures/mistakes.png").substr(1, 3), "PNG");
}

TEST_F(ReportVerb, ADivergedRunHasOne) {
  const Outcome outcome =
      gradus({"train", "--data", "make_moons", "--optimizer", "sgd", "--lr", "1e30", "--loss", "mse",
              "--epochs", "5", "--log-every", "1", "--threads", "1", "--out", "run"});
  EXPECT_EQ(outcome.code, 5) << outcome.err;
  const std::string html = page();
  EXPECT_NE(html.find("It diverged at step "), std::string::npos);
  EXPECT_NE(html.find("Take a smaller --lr"), std::string::npos);
  EXPECT_TRUE(has(html, "model") && has(html, "data") && has(html, "reproduce"));
}

TEST_F(ReportVerb, AnInterruptedRunHasOne) {
  gradus({"train", "--data", "make_moons", "--steps", "100000000", "--threads", "1", "--out", "run"},
         {.interrupt_after_ms = 1500});
  const std::string html = page();
  EXPECT_NE(html.find("It was interrupted after step "), std::string::npos);
  EXPECT_TRUE(has(html, "weights"));
}

TEST_F(ReportVerb, MissingDataLeaveOutWhatNeedsThem) {
  write("d.csv", "a,b\n1,x\n2,y\n3,x\n4,y\n");
  train({"--data", "csv:d.csv", "--epochs", "1", "--no-report"});
  EXPECT_FALSE(exists("run/report.html") || exists("run/figures"));
  std::filesystem::remove(path("d.csv"));
  const Outcome outcome = gradus({"report", "run"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("d.csv"), std::string::npos) << outcome.err;
  const std::string html = page();
  EXPECT_TRUE(has(html, "curves") && has(html, "model"));
  EXPECT_FALSE(has(html, "mistakes"));
}

TEST_F(ReportVerb, ATornHistoryIsEnough) {
  train({"--data", "make_moons", "--epochs", "3", "--no-report"});
  const std::string history = read("run/history.jsonl");
  write("run/history.jsonl", history.substr(0, history.size() / 2) + "\n{\"type\":\"unknown\"}\n{\"ty");
  EXPECT_EQ(gradus({"report", "run"}).code, 0);
  EXPECT_TRUE(has(page(), "curves"));
  write("run/history.jsonl", "");
  EXPECT_EQ(gradus({"report", "run"}).code, 0);
  page();
}

TEST_F(ReportVerb, WritesWhereItIsTold) {
  train({"--data", "make_moons", "--epochs", "1", "--no-report"});
  const std::vector<std::string> files = list("run");
  const auto result = json({"report", "run", "--out", "page.html", "--no-figures", "--json"});
  EXPECT_EQ(result["report"], "page.html");
  EXPECT_TRUE(result["figures"].empty());
  EXPECT_TRUE(exists("page.html"));
  EXPECT_EQ(list("run"), files);
  const std::string before = read("page.html");
  output({"report", "run", "--out", "page.html", "--no-figures"});
  EXPECT_EQ(read("page.html"), before) << "the same run gives the same page";
}

TEST_F(ReportVerb, Refuses) {
  const Outcome none = gradus({"report", "none"});
  EXPECT_EQ(none.code, 4);
  EXPECT_NE(none.err.find("none: a run's folder was needed"), std::string::npos) << none.err;
  train({"--data", "make_moons", "--epochs", "1", "--no-report"});
  EXPECT_EQ(gradus({"report", "run", "--out", "none/page.html"}).code, 6);
  EXPECT_FALSE(exists("run/figures"));
  write("run/figures", "in the way");
  const Outcome file = gradus({"report", "run"});
  EXPECT_EQ(file.code, 6) << file.err;
}

TEST_F(ReportVerb, AFailingReportIsANote) {
  std::filesystem::create_directories(path("run/report.html/full"));
  const Outcome outcome =
      gradus({"train", "--data", "make_moons", "--epochs", "2", "--threads", "1", "--out", "run", "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("the report could not be written"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\nloss      "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("\ntrain   loss "), std::string::npos)
      << "the table, as standard output has JSON";
  EXPECT_TRUE(exists("run/model.safetensors"));
}

}  // namespace
}  // namespace gradus
