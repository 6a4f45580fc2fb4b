// The words after a verb: flags, values and positionals, read by CLI11, refused in the project's own words.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gradus::cli {

// An option that takes a value, as help shows it.
struct OptionText {
  std::string names;        // "--out" or "-o,--out"
  std::string placeholder;  // "DIR"
  std::string doc;
  std::string standard = {};              // the default, shown in help; "": none
  std::vector<std::string> choices = {};  // values, or beginnings of values, that a shell offers
};

// One argument as pages and shells are told of it.
struct ArgumentInfo {
  std::vector<std::string> names;    // "-q", "--quiet"; none: a positional
  std::string placeholder;           // "DIR", "[=FILE]"; "" of a flag without a value
  std::string doc, standard, group;  // as in OptionText
  std::vector<std::string> choices;
  bool repeats = false;
};

// What one verb takes. Values stay text: the part of the program that owns a setting reads it, so that a
// flag and its key in a file are refused in the same words. Targets must outlive parse().
class Arguments {
 public:
  // command: "data make".
  Arguments(std::string command, const std::string& summary);
  ~Arguments();
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  // Options declared from here on stand under this title.
  void group(const std::string& title);
  // Shown at the end of help.
  void example(const std::string& line);

  void positional(std::string& target, const std::string& name, const std::string& doc,
                  const std::vector<std::string>& choices = {});
  void optional_positional(std::optional<std::string>& target, const std::string& name,
                           const std::string& doc, const std::vector<std::string>& choices = {});
  void positionals(std::vector<std::string>& target, const std::string& name, const std::string& doc,
                   const std::vector<std::string>& choices = {});
  void optional_positionals(std::vector<std::string>& target, const std::string& name, const std::string& doc,
                            const std::vector<std::string>& choices = {});
  void value(std::optional<std::string>& target, const OptionText& text);
  // May be given more than once.
  void values(std::vector<std::string>& target, const OptionText& text);
  // `--name` alone means `bare`; `--name=VALUE` sets the value.
  void optional_value(std::optional<std::string>& target, const OptionText& text, const std::string& bare);
  void flag(bool& target, const std::string& names, const std::string& doc);

  // False if help was asked for. Error (Fault::usage): unknown flags (with the nearest known one), missing or
  // repeated values, a missing positional, words left over.
  bool parse(const std::vector<std::string>& words);
  std::string help() const;
  // What help() shows, in its order.
  std::vector<ArgumentInfo> list() const;
  const std::string& summary() const { return summary_; }
  const std::vector<std::string>& examples() const;
  const std::string& command() const { return command_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string command_, summary_;
};

}  // namespace gradus::cli
