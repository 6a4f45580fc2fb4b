// Completions know every flag, and the shells complete with them.
#include "app/manual/completions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "app/cli/choices.h"
#include "gradus/optim.h"
#include "manual/shell.h"

namespace gradus::manual {
namespace {

const std::vector<VerbPage>& pages() {
  static const std::vector<VerbPage> all = verb_pages();
  return all;
}

// The words of a command line, the last of which is completed.
using Words = std::vector<std::string>;

Words words_of(const VerbPage& page, const std::string& last) {
  Words words = {"gradus"};
  const std::size_t space = page.name.find(' ');
  words.push_back(page.name.substr(0, space));
  if (space != std::string::npos) words.push_back(page.name.substr(space + 1));
  words.push_back(last);
  return words;
}

class Shell : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.write("gradus.bash", bash_completion(pages()));
    folder_.write("_gradus", zsh_completion(pages()));
    folder_.write("gradus.fish", fish_completion(pages()));
    folder_.write("runs/first/run.toml", "");
    folder_.write("iris.csv", "");
  }

  ShellResult bash(const Words& words) const {
    std::string list;
    for (const std::string& word : words) list += " '" + word + "'";
    folder_.write("ask.bash", fmt::format("source ./gradus.bash\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_gradus\n"
                                          "printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                                          list, words.size() - 1));
    return folder_.run("bash --norc -u ask.bash");
  }

  ShellResult fish(const std::string& line) const {
    folder_.write("ask.fish", fmt::format("source ./gradus.fish\ncomplete -C '{}'\n", line));
    return folder_.run("HOME=$PWD XDG_CONFIG_HOME=$PWD/.config fish --no-config ask.fish | cut -f1");
  }

  // The specs that _arguments and _describe of zsh are asked with.
  ShellResult zsh(const Words& words) const {
    std::string list;
    for (const std::string& word : words) list += " '" + word + "'";
    folder_.write(
        "ask.zsh",
        fmt::format("_arguments() {{ print -l -- \"$@\" }}\n_describe() {{ print -l -- ${{(P)2}} }}\n"
                    "words=({})\nCURRENT={}\nask() {{ source ./_gradus }}\nask\n",
                    list, words.size()));
    return folder_.run("zsh -f ask.zsh");
  }

  ShellFolder folder_;
};

TEST_F(Shell, BashKnowsEveryFlag) {
  EXPECT_TRUE(folder_.run("bash --norc -c 'source ./gradus.bash; complete -p gradus'")
                  .has("complete -F _gradus gradus"));
  for (const VerbPage& page : pages()) {
    const ShellResult result = bash(words_of(page, "-"));
    std::size_t flags = 0;
    for (const cli::ArgumentInfo& argument : page.arguments) {
      for (const std::string& name : argument.names) EXPECT_TRUE(result.has(name)) << page.name << name;
      flags += argument.names.size();
    }
    EXPECT_EQ(result.lines.size(), flags + 1) << result.out;  // and the end of the last line
  }
}

TEST_F(Shell, BashCompletesVerbsAndValues) {
  const ShellResult verbs = bash({"gradus", ""});
  EXPECT_TRUE(verbs.has("train") && verbs.has("data") && verbs.has("--version")) << verbs.out;
  EXPECT_EQ(bash({"gradus", "data", "m"}).out, "make\n");
  const ShellResult optimizers = bash({"gradus", "train", "--optimizer", ""});
  for (const optim::OptimizerInfo& info : optim::optimizers())
    EXPECT_TRUE(optimizers.has(info.name)) << info.name;
  EXPECT_EQ(bash({"gradus", "tune", "--optimizer", "=", "ada"}).out, "adagrad\nadam\nadamw\n");
  EXPECT_EQ(bash({"gradus", "train", "--on-nan", "="}).out, "stop\nskip\nrollback\n");
  EXPECT_EQ(bash({"gradus", "train", "--data", "make_m"}).out, "make_moons\n");
  EXPECT_EQ(bash({"gradus", "data", "info", "cs"}).out, "csv:\n");
  EXPECT_EQ(bash({"gradus", "train", "--data", "csv", ":", "ir"}).out, "iris.csv\n");
  EXPECT_EQ(bash({"gradus", "train", "--data", "csv", ":"}).lines.size(), 7u);  // all files
  EXPECT_EQ(bash({"gradus", "train", "--checkpoint-every", ""}).out, "\n");
  EXPECT_EQ(bash({"gradus", "eval", "ru"}).out, "runs\n");
  EXPECT_EQ(bash({"gradus", "eval", "ir"}).out, "\n");  // a file, where a folder is needed
  EXPECT_EQ(bash({"gradus", "predict", "runs/first", "--input", "ir"}).out, "iris.csv\n");
  EXPECT_EQ(bash({"gradus", "train", "--epochs", ""}).out, "\n");
  EXPECT_EQ(bash({"gradus", "train", "--dump-graph", "=", "after", ":", "x"}).out, "\n");
  EXPECT_TRUE(bash({"gradus", "bench", ""}).has("resnet20"));
}

TEST_F(Shell, FishKnowsEveryFlagAndValue) {
  if (!ShellFolder::there_is("fish")) GTEST_SKIP() << "fish is not installed";
  EXPECT_EQ(folder_.run("fish --no-config -n gradus.fish").out, "");
  for (const VerbPage& page : pages()) {
    const ShellResult result = fish("gradus " + page.name + " --");
    for (const cli::ArgumentInfo& argument : page.arguments) {
      for (const std::string& name : argument.names)
        EXPECT_TRUE(name.size() == 2 || result.has(name)) << page.name << name << result.out;
    }
  }
  const ShellResult verbs = fish("gradus ");
  for (const VerbPage& page : pages())
    EXPECT_TRUE(verbs.has(page.name.substr(0, page.name.find(' ')))) << page.name << verbs.out;
  EXPECT_TRUE(fish("gradus data ").has("make"));
  EXPECT_FALSE(fish("gradus train ").has("make"));
  EXPECT_EQ(fish("gradus train --on-nan s").out, "skip\nstop\n");
  EXPECT_TRUE(fish("gradus train --model resnet").has("resnet20"));
  EXPECT_EQ(fish("gradus eval ru").out, "runs/\n");
  EXPECT_EQ(fish("gradus export runs/first --to ir").out, "iris.csv\n");
}

TEST_F(Shell, ZshKnowsEveryFlagAndValue) {
  if (!ShellFolder::there_is("zsh")) GTEST_SKIP() << "zsh is not installed";
  EXPECT_EQ(folder_.run("zsh -f -n _gradus").out, "");
  for (const VerbPage& page : pages()) {
    const ShellResult result = zsh(words_of(page, ""));
    EXPECT_EQ(result.code, 0) << result.out;
    std::size_t specs = 0;
    for (const cli::ArgumentInfo& argument : page.arguments) {
      specs += argument.names.empty() ? 1 : argument.names.size();
      for (const std::string& name : argument.names) {
        const bool is_there = result.out.find(name + "=") != std::string::npos ||
                              result.out.find(name + "[") != std::string::npos;
        EXPECT_TRUE(is_there) << page.name << name << result.out;
      }
    }
    EXPECT_EQ(result.lines.size(), specs + 1) << result.out;
  }
  EXPECT_TRUE(zsh({"gradus", ""}).has("train:Train a model on data"));
  EXPECT_TRUE(zsh({"gradus", "data", ""}).has("make:Write a data set to a CSV or NPZ file"));
  EXPECT_NE(zsh({"gradus", "train", ""}).out.find(":NAME:(sgd nesterov"), std::string::npos);
  EXPECT_NE(zsh({"gradus", "eval", ""}).out.find("::DIR:_files -/\n"), std::string::npos);
}

// The completion system itself reads the specs, in a terminal of its own.
TEST_F(Shell, ZshCompletes) {
  if (!ShellFolder::there_is("zsh")) GTEST_SKIP() << "zsh is not installed";
  folder_.write("ask.zsh", R"(zmodload zsh/zpty
zpty -b z zsh -f -i
ask() { zpty -w z "$1" }
ask 'PROMPT=; fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; stty columns 200; gradus() { print -r "asked:$*" }'
zpty -w -n z $'gradus train --optimizer=neste\t\n'
for i in {1..300}; do
  zpty -r -t z line && print -r -- "$line" || sleep 0.05
  [[ $line == asked:* ]] && break
done
zpty -d z
)");
  const ShellResult result = folder_.run("TERM=dumb zsh -f ask.zsh");
  EXPECT_NE(result.out.find("asked:train --optimizer=nesterov"), std::string::npos) << result.out;
}

}  // namespace
}  // namespace gradus::manual
