#include "app/board/message.h"

namespace gradus::board {
namespace {

std::string lower_name(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

bool read_message(boost::beast::http::request<boost::beast::http::string_body>& message, Request& request) {
  request.method = view(message.method_string());
  for (const auto& field : message) {
    std::string& value = request.headers[lower_name(view(field.name_string()))];
    value =
        value.empty() ? std::string(view(field.value())) : value + ", " + std::string(view(field.value()));
  }
  if (!split_target(view(message.target()), request)) return false;
  request.body = std::move(message.body());
  return true;
}

}  // namespace gradus::board
