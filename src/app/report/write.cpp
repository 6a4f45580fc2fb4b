#include "app/report/write.h"

#include "app/report/page.h"
#include "base/file.h"

namespace gradus::report {

Written write(const RunFacts& facts, const WriteOptions& options) {
  const Page page = page_of(facts);
  sweep_temporaries(facts.dir);
  Written written{.page = options.file.empty() ? facts.dir / "report.html" : options.file, .figures = {}};
  write_file(written.page, page.html);
  if (options.figures) {
    const std::filesystem::path folder = facts.dir / "figures";
    make_folder(folder);
    sweep_temporaries(folder);
    const auto add = [&](const std::string& name, const auto& content) {
      written.figures.push_back(folder / name);
      write_file(written.figures.back(), content);
    };
    for (const figures::Figure& figure : page.figures) add(figure.name + ".svg", figures::svg_file(figure));
    for (const Picture& picture : page.pictures) add(picture.name + ".png", picture.png);
  }
  return written;
}

}  // namespace gradus::report
