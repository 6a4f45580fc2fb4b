// Letters for pictures: capitals, digits and a few signs, 5 pixels wide and 7 high.
#pragma once

#include <string_view>

namespace gradus::figures {

inline constexpr int kGlyphWidth = 5, kGlyphHeight = 7;

// Its rows from the top, 5 characters each and a space between, '#' where it is drawn. Small letters are
// drawn as capitals; what has no picture is a box.
std::string_view glyph(char character);

}  // namespace gradus::figures
