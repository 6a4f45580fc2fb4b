#include "app/board/http.h"

#include <charconv>

#include "base/check.h"

namespace gradus::board {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view Request::header(const std::string& lower_case) const {
  const auto found = headers.find(lower_case);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string Request::query_or(const std::string& key, std::string otherwise) const {
  const auto found = query.find(key);
  return found == query.end() ? std::move(otherwise) : found->second;
}

Response json_response(const Json& json, int status) {
  Response response;
  response.status = status;
  // Names of files need not be UTF-8; what is not becomes U+FFFD.
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  return response;
}

Response error_response(int status, std::string_view code, std::string message) {
  return json_response({{"error", std::move(message)}, {"code", code}}, status);
}

Response error_response(const Error& error) {
  switch (error.fault()) {
    case Fault::data:
      return error_response(400, "data", error.what());
    case Fault::model:
      return error_response(400, "model", error.what());
    case Fault::output:
      return error_response(500, "output", error.what());
    case Fault::diverged:
      return error_response(400, "diverged", error.what());
    default:
      return error_response(400, "usage", error.what());
  }
}

std::vector<std::pair<std::string, std::string>> security_headers(const Response& response) {
  std::vector<std::pair<std::string, std::string>> headers = {
      {"Content-Security-Policy",
       "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
       "frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Cache-Control", "no-store"}};
  for (const auto& [name, value] : response.headers) {
    std::erase_if(headers, [&name = name](const auto& header) { return header.first == name; });
  }
  return headers;
}

bool percent_decode(std::string_view text, std::string& decoded) {
  decoded.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return false;
    decoded += c;
  }
  return true;
}

bool split_target(std::string_view target, Request& request) {
  if (target.empty() || target[0] != '/') return false;
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  request.raw_path = target.substr(0, mark);
  if (!percent_decode(request.raw_path, request.path)) return false;
  if (mark == std::string_view::npos) return true;
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string key, value;
    if (!percent_decode(pair.substr(0, equals), key)) return false;
    if (equals != std::string_view::npos && !percent_decode(pair.substr(equals + 1), value)) return false;
    request.query[key] = value;
  }
  return true;
}

std::uint64_t whole_number(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  require(Fault::usage, error == std::errc() && end == text.data() + text.size(),
          "{}: a whole number was needed, '{}' was given.", key, text);
  return value;
}

}  // namespace gradus::board
