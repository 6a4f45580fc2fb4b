// A node's attributes by name.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gradus/onnx.h"

namespace gradus::io::onnx {

// Errors where an attribute has another kind of value than asked for. One that no one asks for is refused at
// the end.
class Attributes {
 public:
  explicit Attributes(const NodeInfo& node) : node_(&node) {}

  bool given(std::string_view name) const { return find(name) != nullptr; }
  std::int64_t integer(std::string_view name, std::int64_t preset) const;
  std::int64_t integer(std::string_view name) const;  // must be given
  double real(std::string_view name, double preset) const;
  std::string text(std::string_view name, const std::string& preset) const;
  std::vector<std::int64_t> integers(std::string_view name, std::vector<std::int64_t> preset = {}) const;
  std::vector<double> reals(std::string_view name, std::vector<double> preset = {}) const;
  std::vector<std::string> texts(std::string_view name, std::vector<std::string> preset = {}) const;
  const Array* array(std::string_view name) const;  // null where not given
  const Body& body(std::string_view name) const;
  DType dtype(std::string_view name, Element preset) const;  // of an attribute that is a type's number
  void ignore(std::string_view name) const { find(name); }
  void refuse_unread() const;

 private:
  const Attribute* find(std::string_view name) const;
  template <class T>
  const T* get(std::string_view name) const;

  const NodeInfo* node_;
  mutable std::set<std::string, std::less<>> read_;
};

}  // namespace gradus::io::onnx
