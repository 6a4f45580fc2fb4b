// From a command line to a verb, and from a fault to a message and an exit code.
#include <new>

#include "app/cli/verb.h"
#include "base/call_text.h"
#include "base/check.h"
#include "base/machine.h"
#include "base/suggest.h"
#include "base/text.h"

namespace gradus::cli {
namespace {

constexpr const char* kExamples[] = {
    "gradus train --data fashion-mnist --model mlp --epochs 5 --out runs/first",
    "gradus predict runs/first --input image.png",
};

std::string top_help() {
  std::string text = "Gradus trains neural networks on CPUs and shows every gradient on the way.\n";
  text += "Usage: gradus VERB [OPTIONS]\n\nVerbs:\n";
  for (const VerbInfo& verb : verbs()) text += fmt::format("  {:<12}  {}\n", verb.name, verb.summary);
  text += "\nOptions:\n";
  text += "  -h, --help    Show this page, or after a verb the verb's\n";
  text += "  --version     Show the version\n\nExamples:\n";
  for (const char* line : kExamples) text += fmt::format("  {}\n", line);
  return text;
}

bool is_help(const std::string& word) { return word == "-h" || word == "--help"; }

// The words of a verb's name found at the start of a command line: "data make" takes two.
struct Found {
  const VerbInfo* verb = nullptr;
  std::size_t words = 0;
};

// Names at one level: the verbs, or what follows "data".
std::vector<std::string> next_words(const std::string& prefix) {
  std::vector<std::string> words;
  for (const VerbInfo& verb : verbs()) {
    const std::string_view name = verb.name;
    if (name.substr(0, prefix.size()) != prefix) continue;
    const std::string_view rest = name.substr(prefix.size());
    std::string word(rest.substr(0, rest.find(' ')));
    if (words.empty() || words.back() != word) words.push_back(std::move(word));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// What opens a message about the words after `prefix`: "data: ".
std::string place_of(const std::string& prefix) {
  return prefix.empty() ? "" : prefix.substr(0, prefix.size() - 1) + ": ";
}

Found find_verb(const std::vector<std::string>& words) {
  std::string prefix;
  for (std::size_t used = 0; used < words.size(); ++used) {
    const std::vector<std::string> known = next_words(prefix);
    const std::string& word = words[used];
    const std::string where = place_of(prefix);
    require(Fault::usage, word.empty() || word[0] != '-',
            "{}a verb was needed ({}), the flag '{}' was given.", where, joined(known), word);
    bool is_known = false;
    for (const std::string& name : known) is_known = is_known || name == word;
    require(Fault::usage, is_known, "{}there is no verb '{}'; there are {}.{}", where, word, joined(known),
            did_you_mean(word, known));
    for (const VerbInfo& verb : verbs()) {
      if (verb.name == prefix + word) return {&verb, used + 1};
    }
    prefix += word + " ";
  }
  fail(Fault::usage, "{}a verb was needed, there are {}.", place_of(prefix), joined(next_words(prefix)));
}

// "gradus data make", as far as the words name a verb: where help is to be found.
std::string help_command(const std::vector<std::string>& words) {
  std::string command = "gradus", prefix;
  for (const std::string& word : words) {
    bool is_known = false;
    for (const std::string& name : next_words(prefix)) is_known = is_known || name == word;
    if (!is_known) break;
    command += " " + word;
    prefix += word + " ";
  }
  return command + " --help";
}

// The page of a group of verbs, "gradus data --help".
std::string group_help(const std::string& group) {
  std::string text = fmt::format("Usage: gradus {} VERB [OPTIONS]\n\nVerbs:\n", group);
  for (const VerbInfo& verb : verbs()) {
    const std::string_view name = verb.name;
    if (name.rfind(group + " ", 0) == 0) {
      text += fmt::format("  {:<8}  {}\n", name.substr(group.size() + 1), verb.summary);
    }
  }
  return text;
}

void report(const Terminal& terminal, std::string_view message, std::string_view hint = {}) {
  write_message(fmt::format("gradus: {} {}\n", terminal.paint("error:", Tone::bad), message));
  if (!hint.empty()) write_message(fmt::format("{}\n", hint));
}

}  // namespace

int run_command(const std::vector<std::string>& words, const Terminal& terminal) {
  if (!words.empty() && (is_help(words[0]) || words[0] == "--version")) {
    require(Fault::usage, words.size() == 1, "'{}' was not expected after {}.",
            words.size() > 1 ? words[1] : "", words[0]);
    write_output(is_help(words[0]) ? top_help() : fmt::format("gradus {}\n", version()));
    return 0;
  }
  if (words.size() == 2 && is_help(words[1])) {
    const bool is_group = !next_words(words[0] + " ").empty();
    if (is_group) {
      write_output(group_help(words[0]));
      return 0;
    }
  }
  const Found found = find_verb(words);
  const std::unique_ptr<Verb> verb = found.verb->make();
  Arguments arguments(found.verb->name, found.verb->summary);
  verb->define(arguments);
  if (!arguments.parse({words.begin() + static_cast<std::ptrdiff_t>(found.words), words.end()})) {
    write_output(arguments.help());
    return 0;
  }
  return verb->run(terminal);
}

int guarded_command(const std::vector<std::string>& words, const Terminal& terminal) {
  try {
    const int code = run_command(words, terminal);
    finish_output();
    return code;
  } catch (const Error& error) {
    const bool is_usage = error.fault() == Fault::usage;
    report(terminal, error.what(), is_usage ? fmt::format("See '{}'.", help_command(words)) : "");
    return static_cast<int>(error.fault());
  } catch (const std::bad_alloc&) {
    report(terminal, "there is not enough memory. Take a smaller model, batch or data set.");
    return static_cast<int>(Fault::model);
  } catch (const std::exception& error) {
    report(terminal, fmt::format("internal fault: {}", error.what()),
           "This is a fault of Gradus, not yours: please report it with the command line above.");
    return kInternalExit;
  }
}

std::int64_t whole_number(const std::string& flag, const std::string& text, std::int64_t low,
                          std::int64_t high) {
  const std::optional<double> number = parse_number(text);
  const bool is_whole = number && *number >= static_cast<double>(low) &&
                        *number <= static_cast<double>(high) &&
                        *number == static_cast<double>(static_cast<std::int64_t>(*number));
  require(Fault::usage, is_whole, "{}: a whole number of at least {} was needed, '{}' was given.", flag, low,
          text);
  return static_cast<std::int64_t>(*number);
}

std::int64_t thread_count(const std::optional<std::string>& text) {
  return text ? whole_number("--threads", *text, 0, 4096) : 0;
}

void View::define(Arguments& arguments) {
  arguments.group("Output");
  arguments.flag(json, "--json", "print one JSON object on standard output");
  arguments.flag(quiet, "-q,--quiet", "no progress and no notes");
}

void View::note(std::string_view text) const {
  if (!quiet) write_message(fmt::format("{}\n", text));
}

}  // namespace gradus::cli
