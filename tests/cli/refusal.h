// Command lines that must be refused: files, words, exit code, and what the message must name.
#pragma once

#include "cli/program.h"

namespace gradus {

struct Refusal {
  std::string name;
  std::vector<std::pair<std::string, std::string>> files = {};
  Words words;
  int code;
  std::vector<std::string> says;  // parts of the message
};

// Each case runs alone: nothing on standard output, one line of error (and for usage faults a hint), no new
// files.
class RefusalTest : public Program, public ::testing::WithParamInterface<Refusal> {
 protected:
  void check() {
    for (const auto& [name, content] : GetParam().files) write(name, content);
    const std::vector<std::string> before = list();
    const Outcome outcome = gradus(GetParam().words);
    EXPECT_EQ(outcome.code, GetParam().code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err.rfind("gradus: error: ", 0), 0u) << outcome.err;
    EXPECT_LE(std::count(outcome.err.begin(), outcome.err.end(), '\n'), GetParam().code == 2 ? 2 : 1)
        << outcome.err;
    for (const std::string& part : GetParam().says) {
      EXPECT_NE(outcome.err.find(part), std::string::npos) << "no '" << part << "' in: " << outcome.err;
    }
    EXPECT_EQ(list(), before) << "something was created";
  }
};

// Shown by GoogleTest in place of the bytes.
inline void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << "gradus";
  for (const std::string& word : refusal.words) *out << " " << word;
}

inline std::string refusal_name(const ::testing::TestParamInfo<Refusal>& info) { return info.param.name; }

}  // namespace gradus
