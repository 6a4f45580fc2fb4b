// Pieces of a page. What goes in is plain text unless it is called html.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::report {

std::string_view page_style();  // CSS

std::string paragraph(std::string_view text);
std::string bullets(const std::vector<std::string>& lines);
// <section> with a heading; `id` is its anchor. "" for an empty one.
std::string section(std::string_view id, std::string_view heading, std::string_view html);

// Rows of text; numbers stand at the right.
class HtmlTable {
 public:
  explicit HtmlTable(const std::vector<std::string>& header, std::size_t text_columns = 1);
  void row(const std::vector<std::string>& cells);
  void total(const std::vector<std::string>& cells);
  std::string str() const;

 private:
  std::string cells(const std::vector<std::string>& texts, const char* tag) const;
  std::size_t text_columns_;
  std::string rows_;
};

std::string picture(const std::vector<std::byte>& png, std::string_view alt);

}  // namespace gradus::report
