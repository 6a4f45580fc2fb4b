// Arguments over CLI11. Only this file includes it.
#include "app/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/suggest.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

constexpr std::size_t kNameColumn = 34;  // where descriptions start
constexpr std::size_t kHelpColumns = 110;

// One option: names and placeholder on the left, its text wrapped on the right.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option(const CLI::Option* option, bool is_positional) const override {
    std::string left = "  " + option->get_name(is_positional, !is_positional);
    left = CLI::detail::find_and_replace(left, ",", ", ");
    if (!is_positional && !option->get_option_text().empty()) {
      const std::string& placeholder = option->get_option_text();
      left += (placeholder.front() == '[' ? "" : " ") + placeholder;  // "--dump-graph[=after:PASS]"
    }
    std::string text = option->get_description();
    if (!option->get_default_str().empty()) text += " (" + option->get_default_str() + ")";
    if (left.size() + 2 > kNameColumn) return left + "\n" + indented(text, kNameColumn, kHelpColumns);
    left.resize(kNameColumn, ' ');
    return left + indented(text, kNameColumn, kHelpColumns).substr(kNameColumn);
  }
};

// "--epochs" of "--epochs=3".
std::string flag_name(const std::string& word) { return word.substr(0, word.find('=')); }

// The words of "auto|on|off"; names of values, as N in "N|full", are none, nor are endings, as in
// "N[steps|epochs]".
std::vector<std::string> words_of(const std::string& placeholder) {
  std::vector<std::string> words;
  if (placeholder.find('|') == std::string::npos || placeholder.find('[') != std::string::npos) return words;
  for (const std::string& part : parts_of(placeholder, '|')) {
    const bool is_word =
        std::all_of(part.begin(), part.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; });
    if (is_word) words.push_back(part);
  }
  return words;
}

}  // namespace

struct Arguments::State {
  struct Positional {
    std::string name;
    CLI::Option* option;
  };
  struct Bare {
    std::string name, value;
  };

  CLI::App app;
  std::string group = "Options";
  std::vector<std::string> examples;
  std::vector<Positional> required;
  std::vector<CLI::Option*> valued;
  std::vector<Bare> bare;
  std::map<const CLI::Option*, std::vector<std::string>> choices;

  std::vector<std::string> flag_names() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }
  // `--dump-graph` becomes `--dump-graph=VALUE`, so that it never takes the next word.
  std::string expanded(const std::string& word) const {
    for (const Bare& b : bare) {
      if (word == b.name) return word + "=" + b.value;
    }
    return word;
  }
  void refuse_leftovers(const std::string& command) const {
    const std::vector<std::string> left = app.remaining();
    for (const std::string& word : left) {
      if (word.size() < 2 || word[0] != '-') continue;
      const std::string name = flag_name(word);
      fail(Fault::usage, "{}: there is no flag '{}'.{}", command, name, did_you_mean(name, flag_names()));
    }
    if (!left.empty()) fail(Fault::usage, "{}: '{}' was not expected.", command, left.front());
  }
};

Arguments::Arguments(std::string command, const std::string& summary)
    : state_(std::make_unique<State>()), command_(std::move(command)), summary_(summary) {
  CLI::App& app = state_->app;
  app.name("gradus " + command_);
  app.description(summary);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "show this page");
  app.get_formatter()->label("Positionals", "Arguments");
  app.allow_extras();
}

Arguments::~Arguments() = default;

void Arguments::group(const std::string& title) { state_->group = title; }
void Arguments::example(const std::string& line) { state_->examples.push_back(line); }

void Arguments::positional(std::string& target, const std::string& name, const std::string& doc,
                           const std::vector<std::string>& choices) {
  state_->required.push_back({name, state_->app.add_option(name, target, doc)});
  state_->choices[state_->required.back().option] = choices;
}

void Arguments::optional_positional(std::optional<std::string>& target, const std::string& name,
                                    const std::string& doc, const std::vector<std::string>& choices) {
  const CLI::Option* option = state_->app.add_option_function<std::string>(
      name, [&target](const std::string& text) { target = text; }, doc);
  state_->choices[option] = choices;
}

void Arguments::positionals(std::vector<std::string>& target, const std::string& name, const std::string& doc,
                            const std::vector<std::string>& choices) {
  state_->required.push_back({name, state_->app.add_option(name, target, doc)});
  state_->choices[state_->required.back().option] = choices;
}

void Arguments::optional_positionals(std::vector<std::string>& target, const std::string& name,
                                     const std::string& doc, const std::vector<std::string>& choices) {
  state_->choices[state_->app.add_option(name, target, doc)] = choices;
}

void Arguments::value(std::optional<std::string>& target, const OptionText& text) {
  CLI::Option* option = state_->app.add_option_function<std::string>(
      text.names, [&target](const std::string& given) { target = given; }, text.doc);
  option->option_text(text.placeholder)->default_str(text.standard)->group(state_->group);
  state_->valued.push_back(option);
  state_->choices[option] = text.choices;
}

void Arguments::values(std::vector<std::string>& target, const OptionText& text) {
  CLI::Option* option = state_->app.add_option(text.names, target, text.doc);
  option->option_text(text.placeholder)->default_str(text.standard)->group(state_->group);
  // One value each time, so that `--input a.npy DIR` leaves DIR alone.
  option->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  state_->valued.push_back(option);
  state_->choices[option] = text.choices;
}

void Arguments::optional_value(std::optional<std::string>& target, const OptionText& text,
                               const std::string& bare) {
  value(target, text);
  state_->bare.push_back({text.names, bare});
}

void Arguments::flag(bool& target, const std::string& names, const std::string& doc) {
  state_->app.add_flag(names, target, doc)->group(state_->group);
}

bool Arguments::parse(const std::vector<std::string>& words) {
  std::vector<std::string> reversed;  // CLI11 takes them from the back
  for (auto word = words.rbegin(); word != words.rend(); ++word) reversed.push_back(state_->expanded(*word));
  try {
    state_->app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return false;
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();
    fail(Fault::usage, "{}: {} takes one value, and once. Leave the others out.", command_,
         text.substr(0, text.find(':')));
  } catch (const CLI::ParseError& error) {
    fail(Fault::usage, "{}: {}.", command_, error.what());
  }
  state_->refuse_leftovers(command_);
  for (const CLI::Option* option : state_->valued) {
    for (const std::string& given : option->results()) {
      require(Fault::usage, given.rfind("--", 0) != 0, "{}: {} needs a value, the flag '{}' follows it.",
              command_, option->get_name(), given);
    }
  }
  for (const State::Positional& p : state_->required) {
    require(Fault::usage, p.option->count() > 0, "{}: {} was needed, it was not given.", command_, p.name);
  }
  return true;
}

std::string Arguments::help() const {
  std::string text = state_->app.help();
  // Groups end in blank lines of their own; keep one between any two.
  while (text.find("\n\n\n") != std::string::npos)
    text = CLI::detail::find_and_replace(text, "\n\n\n", "\n\n");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  text += '\n';
  if (!state_->examples.empty()) text += "\nExamples:\n";
  for (const std::string& line : state_->examples) text += "  " + line + "\n";
  return text;
}

std::vector<ArgumentInfo> Arguments::list() const {
  std::vector<ArgumentInfo> all;
  for (const CLI::Option* option : state_->app.get_options()) {
    ArgumentInfo info;
    for (const std::string& name : option->get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) info.names.push_back("--" + name);
    const bool is_positional = info.names.empty();
    info.placeholder = is_positional ? option->get_name(true) : option->get_option_text();
    info.doc = option->get_description();
    info.standard = option->get_default_str();
    info.group = option->get_group();
    const auto known = state_->choices.find(option);
    if (known != state_->choices.end()) info.choices = known->second;
    if (info.choices.empty()) info.choices = words_of(info.placeholder);
    info.repeats = option->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll ||
                   (is_positional && option->get_items_expected_max() > 1);
    all.push_back(std::move(info));
  }
  return all;
}

const std::vector<std::string>& Arguments::examples() const { return state_->examples; }

}  // namespace gradus::cli
