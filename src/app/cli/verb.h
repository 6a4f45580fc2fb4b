// The verbs of the command line: each parses its words, calls the library, and shows the answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/arguments.h"
#include "app/cli/terminal.h"

namespace gradus::cli {

class Verb {
 public:
  virtual ~Verb() = default;
  // Declares what it takes. Called once.
  virtual void define(Arguments& arguments) = 0;
  // The exit code.
  virtual int run(const Terminal& terminal) = 0;
};

struct VerbInfo {
  const char* name;     // "data make"
  const char* summary;  // one line
  std::unique_ptr<Verb> (*make)();
};

// In the order of help.
const std::vector<VerbInfo>& verbs();

// Each verb is one file.
std::unique_ptr<Verb> make_train_verb();
std::unique_ptr<Verb> make_lr_find_verb();
std::unique_ptr<Verb> make_tune_verb();
std::unique_ptr<Verb> make_average_verb();
std::unique_ptr<Verb> make_eval_verb();
std::unique_ptr<Verb> make_report_verb();
std::unique_ptr<Verb> make_predict_verb();
std::unique_ptr<Verb> make_run_verb();
std::unique_ptr<Verb> make_gradcheck_verb();
std::unique_ptr<Verb> make_explain_verb();
std::unique_ptr<Verb> make_export_verb();
std::unique_ptr<Verb> make_import_verb();
std::unique_ptr<Verb> make_data_list_verb();
std::unique_ptr<Verb> make_data_info_verb();
std::unique_ptr<Verb> make_data_make_verb();
std::unique_ptr<Verb> make_data_show_verb();
std::unique_ptr<Verb> make_board_verb();
std::unique_ptr<Verb> make_models_verb();
std::unique_ptr<Verb> make_bench_verb();
std::unique_ptr<Verb> make_doctor_verb();

inline constexpr int kInternalExit = 70;  // EX_SOFTWARE of sysexits.h: a fault of the program

// Runs one command line (without the program's name); faults are exceptions.
int run_command(const std::vector<std::string>& words, const Terminal& terminal);
// The same, but faults become messages on standard error and exit codes.
int guarded_command(const std::vector<std::string>& words, const Terminal& terminal);

// The whole number that a flag's value is. Error (Fault::usage): anything else, or outside [low, high].
std::int64_t whole_number(const std::string& flag, const std::string& text, std::int64_t low,
                          std::int64_t high = std::int64_t{1} << 53);
// --threads: 0, or left out, means all the machine offers.
std::int64_t thread_count(const std::optional<std::string>& text);

// How a verb answers.
struct View {
  bool json = false, quiet = false;

  void define(Arguments& arguments);
  // A remark for people: on standard error, unless --quiet.
  void note(std::string_view text) const;
};

}  // namespace gradus::cli
