// What is wrong with the form of a page or drawing.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// The first mistake in text of tags: one that is not closed, closes another or stands in the wrong place; an
// attribute without quotes, or one given twice; a bare &. "" if all is well. `html`: br, img and meta are not
// closed, and style holds no tags.
inline std::string markup_problem(std::string_view text, bool html) {
  std::vector<std::string> open;
  const std::vector<std::string> empty = {"br", "img", "meta"};
  const auto around = [&](std::size_t at) { return " at '" + std::string(text.substr(at, 40)) + "'"; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '&') {
      const std::string_view entity = text.substr(i + 1, text.find(';', i) - i - 1);
      if (entity != "amp" && entity != "lt" && entity != "gt" && entity != "quot")
        return "bare &" + around(i);
    }
    if (text[i] == '>') return "bare >" + around(i);
    if (text[i] != '<') continue;
    const std::size_t end = text.find('>', i);
    if (end == std::string_view::npos) return "no end of a tag" + around(i);
    std::string_view tag = text.substr(i + 1, end - i - 1);
    const std::size_t begin = i;
    i = end;
    if (html && tag == "!DOCTYPE html") continue;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "closes what is not open" + around(begin);
      open.pop_back();
      continue;
    }
    const bool closed = tag.ends_with('/');
    if (closed) tag.remove_suffix(1);
    const std::size_t name_end = std::min(tag.find(' '), tag.size());
    const std::string name(tag.substr(0, name_end));
    std::vector<std::string> attributes;
    for (std::string_view rest = tag.substr(name_end); !rest.empty();) {
      if (rest[0] != ' ') return "no space before an attribute" + around(begin);
      const std::size_t equals = rest.find("=\"");
      if (equals == std::string_view::npos) return "an attribute without quotes" + around(begin);
      const std::size_t close = rest.find('"', equals + 2);
      if (close == std::string_view::npos) return "an open quote" + around(begin);
      attributes.emplace_back(rest.substr(1, equals - 1));
      rest.remove_prefix(close + 1);
    }
    std::sort(attributes.begin(), attributes.end());
    if (std::adjacent_find(attributes.begin(), attributes.end()) != attributes.end())
      return "an attribute twice" + around(begin);
    if (closed || (html && std::find(empty.begin(), empty.end(), name) != empty.end())) continue;
    open.push_back(name);
    if (name == "style") {
      i = text.find("</style>", i);
      if (i == std::string_view::npos) return "an open style";
      --i;
    }
  }
  return open.empty() ? "" : "not closed: " + open.back();
}

}  // namespace gradus
