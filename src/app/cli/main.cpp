// The program: gradus VERB [OPTIONS]. See docs/cli.md.
#include <signal.h>

#include <clocale>

#include "app/cli/verb.h"

int main(int argc, char** argv) {
  // Characters only: numbers keep their points whatever the country.
  std::setlocale(LC_CTYPE, "");
  // A file that grows beyond `ulimit -f` is a write that fails, as on a full disk, and not the end of a run.
  ::signal(SIGXFSZ, SIG_IGN);
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return gradus::cli::guarded_command(words, gradus::cli::Terminal::detect());
}
