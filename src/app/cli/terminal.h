// Where output goes: data to standard output, everything for people to standard error.
#pragma once

#include <string>
#include <string_view>

namespace gradus::cli {

enum class Tone { plain, bold, dim, good, bad };

// What standard error can show.
struct Terminal {
  bool redraws = false;  // a terminal on which a line can be drawn again
  bool colors = false;   // and NO_COLOR is not set
  bool unicode = false;  // the locale's characters are UTF-8

  // Looks at standard error and the environment (NO_COLOR, TERM, LC_*).
  static Terminal detect();
  int columns() const;  // of standard error; 80 if it does not tell
  std::string paint(std::string_view text, Tone tone) const;
};

// Standard output. finish_output() refuses (Fault::output) when what was written did not arrive: full disk,
// closed pipe.
void write_output(std::string_view text);
void finish_output();

// Standard error, at once.
void write_message(std::string_view text);

}  // namespace gradus::cli
