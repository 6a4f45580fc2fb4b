#include "data/csv_table.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/check.h"
#include "base/file.h"
#include "base/inflate.h"
#include "data/text.h"

namespace gradus::data {
namespace {

constexpr std::size_t kMaxUnpacked = std::size_t{16} << 30;
constexpr int kLinesToJudge = 50;

// Walks through the records of a text. Cells stay valid as long as the text and `unquoted`.
class Scanner {
 public:
  Scanner(std::string_view text, char delimiter, std::deque<std::string>& unquoted)
      : text_(text), delimiter_(delimiter), unquoted_(&unquoted) {}

  // The cells of the next record that is not an empty line; false at the end, or at a fault (see problem()).
  bool next(std::vector<std::string_view>& cells) {
    while (at_ < text_.size() && problem_.empty()) {
      cells.clear();
      record_line_ = line_;
      bool more = true;
      while (more && problem_.empty()) more = field(cells);
      if (!problem_.empty()) return false;
      if (cells.size() > 1 || !cells[0].empty()) return true;
    }
    return false;
  }

  std::int64_t record_line() const { return record_line_; }
  const std::string& problem() const { return problem_; }

 private:
  bool ended() const { return at_ == text_.size(); }
  bool at_line_end() const { return ended() || text_[at_] == '\n' || text_[at_] == '\r'; }

  void skip_spaces() {
    while (!ended() && (text_[at_] == ' ' || text_[at_] == '\t') && text_[at_] != delimiter_) ++at_;
  }

  // Reads a field and what ends it; true if the record goes on behind it.
  bool field(std::vector<std::string_view>& cells) {
    const std::size_t begin = at_;
    skip_spaces();
    if (!ended() && text_[at_] == '"') {
      cells.push_back(quoted());
      skip_spaces();
      if (problem_.empty() && !at_line_end() && text_[at_] != delimiter_) {
        problem_ = fmt::format(
            "line {}: a delimiter or the line's end was needed after a closing quote, '{}' was given. Double "
            "the quotes inside a quoted field.",
            line_, text_[at_]);
      }
      if (!problem_.empty()) return false;
    } else {
      while (!at_line_end() && text_[at_] != delimiter_) ++at_;
      cells.push_back(trim(text_.substr(begin, at_ - begin)));
    }
    if (!at_line_end()) {
      ++at_;
      return true;
    }
    if (!ended()) {
      at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
      ++line_;
    }
    return false;
  }

  // A quoted field without its quotes; at_ is on the opening one.
  std::string_view quoted() {
    const std::int64_t opened = line_;
    const std::size_t begin = ++at_;
    bool doubled = false;
    for (; !ended(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') continue;
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') {
        const std::string_view inside = text_.substr(begin, at_++ - begin);
        return doubled ? undouble(inside) : inside;
      }
      doubled = true;
      ++at_;
    }
    problem_ = fmt::format("line {}: a quote is opened and never closed.", opened);
    return {};
  }

  std::string_view undouble(std::string_view inside) {
    std::string& plain = unquoted_->emplace_back();
    for (std::size_t i = 0; i < inside.size(); ++i) {
      plain += inside[i];
      if (inside[i] == '"') ++i;
    }
    return plain;
  }

  std::string_view text_;
  char delimiter_;
  std::deque<std::string>* unquoted_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1, record_line_ = 1;
  std::string problem_;
};

// How well a delimiter cuts the first lines: (lines of the first one's length, that length), worst without a
// cut.
std::tuple<int, std::size_t> evenness(std::string_view text, char delimiter) {
  std::deque<std::string> unquoted;
  Scanner scanner(text, delimiter, unquoted);
  std::vector<std::string_view> cells;
  int even = 0;
  std::size_t width = 0;
  for (int i = 0; i < kLinesToJudge && scanner.next(cells); ++i) {
    if (width == 0) width = cells.size();
    if (cells.size() == width) ++even;
  }
  return width > 1 ? std::tuple(even, width) : std::tuple(0, std::size_t{0});
}

char find_delimiter(std::string_view text) {
  char best = ',';
  for (const char candidate : {';', '\t', '|'}) {
    if (evenness(text, candidate) > evenness(text, best)) best = candidate;
  }
  return best;
}

std::vector<char> read_text(const std::filesystem::path& file) {
  std::vector<std::byte> bytes = read_file(file, Fault::data);
  if (is_gzip(bytes)) bytes = gunzip(bytes, file.string(), kMaxUnpacked);
  std::vector<char> text(bytes.size());
  if (!bytes.empty()) std::memcpy(text.data(), bytes.data(), bytes.size());
  return text;
}

}  // namespace

CsvTable read_csv_table(const std::filesystem::path& file) {
  CsvTable table;
  table.file = file.string();
  table.text = read_text(file);
  std::string_view text(table.text.data(), table.text.size());
  const auto zero = text.find('\0');
  require(Fault::data, zero == std::string_view::npos,
          "{} byte {}: text was needed, a byte 0 was given. Save the file as UTF-8.", table.file, zero);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // the byte order mark
  table.delimiter = find_delimiter(text);
  Scanner scanner(text, table.delimiter, table.unquoted);
  std::vector<std::string_view> cells;
  while (scanner.next(cells)) {
    if (table.lines.empty()) table.columns = cells.size();
    require(Fault::data, cells.size() == table.columns,
            "{} line {}: {} fields were needed as in line {}, {} were given. Quote fields that contain '{}'.",
            table.file, scanner.record_line(), table.columns, table.lines.empty() ? 1 : table.lines.front(),
            cells.size(), table.delimiter == '\t' ? std::string("\\t") : std::string(1, table.delimiter));
    table.cells.insert(table.cells.end(), cells.begin(), cells.end());
    table.lines.push_back(scanner.record_line());
  }
  require(Fault::data, scanner.problem().empty(), "{} {}", table.file, scanner.problem());
  require(Fault::data, !table.lines.empty(), "{}: a CSV file with at least one row was needed, it is empty.",
          table.file);
  return table;
}

}  // namespace gradus::data
