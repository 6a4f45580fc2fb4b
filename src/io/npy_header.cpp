#include "io/npy_header.h"

#include <array>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "io/bytes.h"

namespace gradus::io {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMagic = "\x93NUMPY"sv;
constexpr std::size_t kPreamble = 8;  // magic and version

constexpr std::array<std::pair<std::string_view, Stored>, 13> kTypes = {{{"b1", Stored::boolean},
                                                                         {"i1", Stored::i8},
                                                                         {"i2", Stored::i16},
                                                                         {"i4", Stored::i32},
                                                                         {"i8", Stored::i64},
                                                                         {"u1", Stored::u8},
                                                                         {"u2", Stored::u16},
                                                                         {"u4", Stored::u32},
                                                                         {"u8", Stored::u64},
                                                                         {"f2", Stored::f16},
                                                                         {"f4", Stored::f32},
                                                                         {"f8", Stored::f64},
                                                                         {"?", Stored::boolean}}};

// Reads the dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, keys in any order.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader read() {
    NpyHeader header;
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key(string());
      require(Fault::data, seen.insert(key).second, "{}: the header gives {} twice.", where_, in_quotes(key));
      expect(':');
      if (key == "descr")
        read_type(header);
      else if (key == "fortran_order")
        header.fortran_order = boolean();
      else if (key == "shape")
        header.shape = tuple();
      else
        fail(Fault::data, "{}: the header has an unknown key {}.", where_, in_quotes(key));
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (position_ != text_.size()) wrong("nothing more");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      require(Fault::data, seen.count(key) == 1, "{}: the header lacks '{}'.", where_, key);
    }
    return header;
  }

 private:
  std::string_view text_;
  const std::string& where_;
  std::size_t position_ = 0;

  [[noreturn]] void wrong(std::string_view needed) const {
    fail(Fault::data, "{}: the header needs {} at its character {}. The file is damaged.", where_, needed,
         position_);
  }

  bool at(char c) const { return position_ < text_.size() && text_[position_] == c; }

  void skip_space() {
    while (at(' ') || at('\n') || at('\t') || at('\r')) ++position_;
  }

  bool accept(char c) {
    skip_space();
    if (!at(c)) return false;
    ++position_;
    return true;
  }

  bool accept(std::string_view word) {
    skip_space();
    if (!text_.substr(position_).starts_with(word)) return false;
    position_ += word.size();
    return true;
  }

  void expect(char c) {
    if (!accept(c)) wrong(fmt::format("'{}'", c));
  }

  std::string_view string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t end = text_.find(quote, position_);
    if (end == std::string_view::npos) wrong("the end of a string");
    const std::string_view value = text_.substr(position_, end - position_);
    position_ = end + 1;
    return value;
  }

  bool boolean() {
    if (accept("True"sv)) return true;
    if (accept("False"sv)) return false;
    wrong("True or False");
  }

  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> values;
    expect('(');
    while (!accept(')')) {
      skip_space();
      std::uint64_t value = 0;
      const char* begin = text_.data() + position_;
      const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
      if (error != std::errc()) wrong("an integer from 0 to 2^64 - 1");
      position_ += static_cast<std::size_t>(end - begin);
      accept('L');  // Python 2's long integers
      values.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  void read_type(NpyHeader& header) {
    skip_space();
    require(Fault::data, !at('['), "{}: this is a structured array; arrays of plain numbers are supported.",
            where_);
    const std::string_view descr = string();
    std::string_view type = descr;
    if (!type.empty() && (type[0] == '<' || type[0] == '>' || type[0] == '|' || type[0] == '=')) {
      header.big_endian = type[0] == '>';
      type.remove_prefix(1);
    }
    require(Fault::data, !type.starts_with('O'),
            "{}: this array holds Python objects, which only Python can read. Save an array of numbers.",
            where_);
    for (const auto& [name, stored] : kTypes) {
      if (name != type) continue;
      header.stored = stored;
      return;
    }
    fail(Fault::data,
         "{}: element type {} is not supported; bool, integers and floats of at most 64 bits are. "
         "Convert with astype.",
         where_, in_quotes(descr));
  }
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string& where) {
  require(Fault::data, as_text(bytes).starts_with(kMagic),
          "{}: this is no NPY file (it does not start with \\x93NUMPY).", where);
  require(Fault::data, bytes.size() >= kPreamble, "{}: the file ends inside its header (truncated file?).",
          where);
  const int version = std::to_integer<int>(bytes[6]);
  require(Fault::data, version >= 1 && version <= 3,
          "{}: NPY version {} is unknown; 1, 2 and 3 are supported.", where, version);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  require(Fault::data, bytes.size() >= kPreamble + length_bytes,
          "{}: the file ends inside its header (truncated file?).", where);
  const std::size_t length =
      version == 1 ? load<std::uint16_t>(bytes, kPreamble) : load<std::uint32_t>(bytes, kPreamble);
  const std::size_t begin = kPreamble + length_bytes;
  require(Fault::data, length <= bytes.size() - begin,
          "{}: the header's length is given as {} bytes, but only {} follow (truncated file?).", where,
          length, bytes.size() - begin);
  NpyHeader header = DictionaryReader(as_text(bytes.subspan(begin, length)), where).read();
  header.data_offset = begin + length;
  return header;
}

}  // namespace gradus::io
