// write_manual FOLDER: the man pages and completions of gradus, as files.
#include <exception>
#include <filesystem>

#include "app/cli/terminal.h"
#include "app/manual/completions.h"
#include "app/manual/man.h"
#include "base/file.h"

namespace {

void write(const std::filesystem::path& folder) {
  using namespace gradus::manual;
  const std::vector<VerbPage> pages = verb_pages();
  std::filesystem::create_directories(folder / "man1");
  gradus::write_file(folder / "man1" / "gradus.1", man_overview(pages));
  for (const VerbPage& page : pages)
    gradus::write_file(folder / "man1" / (man_name(page) + ".1"), man_page(page));
  gradus::write_file(folder / "_gradus", zsh_completion(pages));
  gradus::write_file(folder / "gradus.fish", fish_completion(pages));
  gradus::write_file(folder / "gradus.bash", bash_completion(pages));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    gradus::cli::write_message("usage: write_manual FOLDER\n");
    return 2;
  }
  try {
    write(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    gradus::cli::write_message(std::string("write_manual: ") + error.what() + "\n");
    return 1;
  }
}
