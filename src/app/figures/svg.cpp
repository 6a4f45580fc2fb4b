#include "app/figures/svg.h"

#include <fmt/format.h>

#include "app/figures/markup.h"
#include "base/text.h"

namespace gradus::figures {

std::string_view figure_style() {
  return ".figure{font:13px system-ui,sans-serif}.figure text{fill:#333}.figure .small{font-size:11px}"
         ".figure .title{font-weight:600;font-size:14px}.figure .paper{fill:#fff}.figure "
         ".grid{stroke:#e3e3e3}"
         ".figure .axis{stroke:#888;fill:none}.figure .line{fill:none;stroke-width:2;stroke-linejoin:round}"
         ".figure .faint{opacity:.5;stroke-width:1}.figure .dashed{stroke-dasharray:5 4}"
         ".figure .hit{fill:transparent}.figure .void{fill:#f0f0f0}.figure .gap{fill:#c9a9a9}"
         ".figure .on-dark{fill:#fff}.figure .on-light{fill:#111}"
         ".tone0{stroke:#0072b2}.tone1{stroke:#d55e00}.tone2{stroke:#009e73}.tone3{stroke:#cc79a7}"
         ".tone4{stroke:#e69f00}.tone5{stroke:#56b4e9}"
         ".fill0{fill:#0072b2}.fill1{fill:#d55e00}.fill2{fill:#009e73}.fill3{fill:#cc79a7}"
         ".fill4{fill:#e69f00}.fill5{fill:#56b4e9}"
         "@media (prefers-color-scheme:dark){.figure text{fill:#ddd}.figure .paper{fill:#1b1d21}"
         ".figure .grid{stroke:#34373d}.figure .axis{stroke:#777}.figure .void{fill:#2a2d33}"
         ".figure .gap{fill:#5b3b3b}.figure .on-dark{fill:#fff}.figure .on-light{fill:#111}"
         ".tone0{stroke:#56b4e9}.tone1{stroke:#f0884a}.tone2{stroke:#2fc59b}.tone5{stroke:#0072b2}"
         ".fill0{fill:#56b4e9}.fill1{fill:#f0884a}.fill2{fill:#2fc59b}.fill5{fill:#0072b2}}"
         "@media print{.figure text{fill:#000}.figure .paper{fill:#fff}}";
}

namespace {

std::string drawn(const Figure& figure, std::string_view attributes, std::string_view style) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"figure\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\"{}>\n{}<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n{}</svg>\n",
      figure.width, figure.height, escaped(figure.title), attributes, style, figure.body);
}

}  // namespace

std::string inline_svg(const Figure& figure) { return drawn(figure, "", ""); }

std::string svg_file(const Figure& figure) {
  return drawn(figure, fmt::format(" width=\"{}\" height=\"{}\"", figure.width, figure.height),
               fmt::format("<style>{}</style>\n", figure_style()));
}

std::string svg_text(double x, double y, std::string_view text, Anchor anchor, std::string_view more) {
  const char* side = anchor == Anchor::start    ? ""
                     : anchor == Anchor::middle ? " text-anchor=\"middle\""
                                                : " text-anchor=\"end\"";
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}{}>{}</text>\n", x, y, side, more.empty() ? "" : " ",
                     more, escaped(text));
}

std::string cut(std::string_view text, std::size_t most) {
  if (columns_of(text) <= most || most < 4) return std::string(text);
  std::size_t end = 0, columns = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (starts && ++columns > most - 3) break;
    ++end;
  }
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace gradus::figures
