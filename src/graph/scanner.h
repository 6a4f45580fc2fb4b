// Reads the tokens of one line of a graph's text form.
#pragma once

#include <string>
#include <string_view>

#include "gradus/op_def.h"

namespace gradus::text {

// Each reader skips spaces, takes its token and throws Error if something else stands there.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : line_(line) {}

  bool at_end();
  void expect_end();
  bool peek(char c);
  bool accept(std::string_view token);  // takes the token if it comes next
  void expect(std::string_view token);

  std::string word();  // letters, digits and underscores
  std::int64_t integer();
  double number();                   // as text::number() writes it
  std::string string();              // as text::quoted() writes it
  std::vector<std::int64_t> list();  // [1, -2]
  DType dtype();
  Type type();            // f32[3, 10]
  AttrValue attribute();  // anything but a variable
  bool names_role();      // whether a role comes next: then it is a variable
  Role role();

 private:
  std::string_view line_;
  std::size_t at_ = 0;

  [[noreturn]] void refuse(std::string_view needed);
  std::string_view rest();       // after spaces
  std::string_view next_word();  // without taking it
  std::string_view next_number();
  Tensor elements(const Type& type);
};

}  // namespace gradus::text
