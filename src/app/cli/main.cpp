// The program: gradus VERB [OPTIONS]. See docs/cli.md.
#include <clocale>

#include "app/cli/verb.h"

int main(int argc, char** argv) {
  // Characters only: numbers keep their points whatever the country.
  std::setlocale(LC_CTYPE, "");
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return gradus::cli::guarded_command(words, gradus::cli::Terminal::detect());
}
