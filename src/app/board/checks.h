// Who may ask: the checks every request passes before its route is looked up.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/board/http.h"

namespace gradus::board {

struct AccessRules {
  std::string host;   // what was listened on: "127.0.0.1", "0.0.0.0", "box.example"
  std::string token;  // "": none is asked for, which is right on the loopback only
};

inline constexpr std::string_view kTokenCookie = "gradus_token";

// "example.org:80" -> "example.org", "[::1]:80" -> "::1"; "" for what is no host.
std::string host_name(std::string_view host_header);
bool is_loopback(std::string_view host);

// Names that resolve to this machine are refused unless they are known: a foreign page can make its own name
// resolve here (DNS rebinding). Addresses, "localhost", the name listened on and the machine's own are known.
bool host_allowed(std::string_view host_header, const AccessRules& rules);

// Takes the same time for every wrong token of one length.
bool same_token(std::string_view given, std::string_view right);

// 32 hexadecimal digits from the system's random numbers.
std::string make_token();

// The answer to a request that is refused or sent on: 403 for a foreign Host or Origin, 401 without the
// token, 415 for a POST that is not JSON, 303 with the cookie for "?token=". None: it may pass.
std::optional<Response> check_request(const Request& request, const AccessRules& rules);

}  // namespace gradus::board
