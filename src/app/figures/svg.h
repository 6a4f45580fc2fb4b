// Drawings as SVG, on a page or as files of their own.
#pragma once

#include <string>
#include <string_view>

namespace gradus::figures {

// Elements of class "tone0" to "tone5" (strokes) and "fill0" to "fill5" have the colours of Okabe and Ito
// 2008, which the colour-blind can tell apart; all follow the reader's choice of light or dark.
inline constexpr int kTones = 6;

struct Figure {
  std::string name;   // of its file, without the ending: "loss"
  std::string title;  // plain text
  int width = 0, height = 0;
  std::string body;  // elements, by the classes of figure_style()
};

std::string_view figure_style();               // CSS
std::string inline_svg(const Figure& figure);  // for a page that holds figure_style()
std::string svg_file(const Figure& figure);    // brings its own

enum class Anchor { start, middle, end };
// A line of text at x, y, escaped; `more` are further attributes.
std::string svg_text(double x, double y, std::string_view text, Anchor anchor = Anchor::start,
                     std::string_view more = "");
// "abcde..." of more than `most` characters; UTF-8 stays whole.
std::string cut(std::string_view text, std::size_t most);

}  // namespace gradus::figures
