#include "app/board/checks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <unistd.h>

#include <array>
#include <random>

namespace gradus::board {
namespace {

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

std::string machine_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

std::string_view cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(';');
    std::string_view one = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos && one.substr(0, equals) == name) return one.substr(equals + 1);
  }
  return {};
}

std::optional<Response> check_token(const Request& request, const AccessRules& rules) {
  const auto given = request.query.find("token");
  if (given != request.query.end() && same_token(given->second, rules.token)) {
    if (request.method != "GET" || request.path != "/") return std::nullopt;
    Response sent_on;
    sent_on.status = 303;
    sent_on.headers = {{"Location", "/"},
                       {"Set-Cookie", std::string(kTokenCookie) + "=" + rules.token +
                                          "; Path=/; HttpOnly; SameSite=Strict"}};
    return sent_on;
  }
  if (same_token(cookie(request.header("cookie"), kTokenCookie), rules.token)) return std::nullopt;
  return error_response(
      401, "token", "A token was needed. Open the address that 'gradus board' printed, with its ?token=...");
}

}  // namespace

std::string host_name(std::string_view host_header) {
  if (!host_header.empty() && host_header[0] == '[') {
    const std::size_t end = host_header.find(']');
    return end == std::string_view::npos ? "" : std::string(host_header.substr(1, end - 1));
  }
  return lower(host_header.substr(0, host_header.find(':')));
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.substr(0, 4) == "127.";
}

bool host_allowed(std::string_view host_header, const AccessRules& rules) {
  const std::string name = host_name(host_header);
  if (name.empty()) return false;
  if (name == "localhost" || name == lower(rules.host)) return true;
  if (is_loopback(rules.host)) return is_loopback(name) && is_address(name);
  return is_address(name) || name == lower(machine_name());
}

bool same_token(std::string_view given, std::string_view right) {
  if (given.size() != right.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(right[i]);
  }
  return difference == 0;
}

std::string make_token() {
  constexpr char kDigits[] = "0123456789abcdef";
  std::random_device random;
  std::string token;
  for (int i = 0; i < 32; ++i) token += kDigits[random() & 15U];
  return token;
}

std::optional<Response> check_request(const Request& request, const AccessRules& rules) {
  const std::string_view host = request.header("host");
  if (!host_allowed(host, rules)) {
    return error_response(
        403, "host",
        "Host '" + std::string(host) +
            "' is none this board is known by. Open the address that 'gradus board' printed.");
  }
  const auto origin = request.headers.find("origin");
  if (origin != request.headers.end() && lower(origin->second) != "http://" + lower(host)) {
    return error_response(
        403, "origin", "Origin '" + origin->second + "' is another site's page; only the board's may ask.");
  }
  if (!rules.token.empty()) {
    if (std::optional<Response> refused = check_token(request, rules)) return refused;
  }
  if (request.method == "POST") {
    const std::string_view type = request.header("content-type");
    if (lower(type.substr(0, type.find(';'))) != "application/json") {
      return error_response(
          415, "content_type",
          "Content-Type: application/json was needed, '" + std::string(type) + "' was given.");
    }
  }
  return std::nullopt;
}

}  // namespace gradus::board
