#include "io/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "base/check.h"
#include "io/bytes.h"

namespace gradus::io {
namespace {

using Json = nlohmann::json;

// Follows the events of the JSON parser instead of building a document, because a document forgets repeated
// keys. Levels: 0 outside, 1 in the header's object, 2 in one tensor's object or in the metadata.
class HeaderReader final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(const std::string& where) : where_(where) {}
  std::vector<SafetensorsEntry> take() { return std::move(entries_); }

  bool null() override { wrong("null"); }
  bool boolean(bool) override { wrong("a boolean"); }
  bool number_integer(number_integer_t) override { wrong("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { wrong("a fraction or a number too large"); }
  bool binary(binary_t&) override { wrong("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (list_ == nullptr) wrong("a number");
    list_->push_back(value);
    return true;
  }

  bool string(string_t& value) override {
    if (level_ == 2 && in_metadata_) return true;
    if (level_ != 2 || field_ != "dtype") wrong("a string");
    entries_.back().dtype = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (level_ == 2) wrong("an object");
    ++level_;
    fields_.clear();
    return true;
  }

  bool key(string_t& name) override {
    if (level_ == 1) {
      require(names_.insert(name).second, "{}: the header names {} twice.", where_, in_quotes(name));
      in_metadata_ = name == "__metadata__";
      if (!in_metadata_) entries_.push_back({name, {}, {}, {}});
      return true;
    }
    field_ = name;
    require(fields_.insert(name).second, "{}: {} is given twice.", place(), in_quotes(name));
    require(in_metadata_ || field_ == "dtype" || field_ == "shape" || field_ == "data_offsets",
            "{}: unknown key {}; the keys are 'dtype', 'shape' and 'data_offsets'.", place(),
            in_quotes(name));
    return true;
  }

  bool end_object() override {
    if (level_ == 2 && !in_metadata_) {
      for (const char* field : {"dtype", "shape", "data_offsets"}) {
        require(fields_.count(field) == 1, "{}: '{}' is missing.", place(), field);
      }
    }
    --level_;
    return true;
  }

  bool start_array(std::size_t) override {
    const bool takes_list = level_ == 2 && !in_metadata_ && list_ == nullptr;
    if (takes_list && field_ == "shape")
      list_ = &entries_.back().shape;
    else if (takes_list && field_ == "data_offsets")
      list_ = &entries_.back().data_offsets;
    else
      wrong("an array");
    return true;
  }

  bool end_array() override {
    list_ = nullptr;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fail(Fault::model, "{}: the header is no valid JSON, at its byte {}. The file is damaged.", where_,
         position);
  }

 private:
  const std::string& where_;
  std::vector<SafetensorsEntry> entries_;
  std::unordered_set<std::string> names_;
  std::set<std::string> fields_;
  std::string field_;
  std::vector<std::uint64_t>* list_ = nullptr;
  int level_ = 0;
  bool in_metadata_ = false;

  std::string place() const {
    if (level_ == 0) return where_ + ": the header";
    if (in_metadata_) return where_ + ": metadata";
    return where_ + ": tensor " + in_quotes(entries_.back().name);
  }

  [[noreturn]] void wrong(const char* given) const {
    if (level_ < 2) fail(Fault::model, "{}: an object was needed, {} was given.", place(), given);
    const char* needed = in_metadata_ || field_ == "dtype" ? "a string" : "a list of non-negative integers";
    fail(Fault::model, "{}: {} needs {}, {} was given.", place(), in_quotes(field_), needed, given);
  }
};

}  // namespace

std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json, const std::string& where) {
  HeaderReader reader(where);
  Json::sax_parse(json.begin(), json.end(), &reader);
  return reader.take();
}

}  // namespace gradus::io
