// What a handler sees of a request and gives back: plain values, so that routes are tested without sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradus/error.h"

namespace gradus::board {

using Json = nlohmann::ordered_json;

// One page that listens to server-sent events (HTML standard, section 9.2). Any thread may call send(). It
// must not outlive the server.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Queues one event; a reader too slow to take them is cut off rather than waited for.
  virtual void send(std::string_view event, const Json& data) = 0;
  virtual bool closed() const = 0;
};

struct Request {
  std::string method;                          // "GET"
  std::string path, raw_path;                  // without the query; decoded, and as it came
  std::map<std::string, std::string> query;    // decoded
  std::map<std::string, std::string> headers;  // names in lower case
  std::map<std::string, std::string> names;    // what the {name} parts of the route's pattern took
  std::string body;

  // A header's value, "" where there is none.
  std::string_view header(const std::string& lower_case) const;
  // The value of a query key; `otherwise` where there is none.
  std::string query_or(const std::string& key, std::string otherwise) const;
};

struct Response {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string_view still = {};  // a body that outlives the answer, as embedded assets do; instead of `body`
  // Set: the answer is an event stream, handed over once its headers are on their way.
  std::function<void(std::shared_ptr<EventStream>)> stream = {};
};

// Thrown by handlers where a page should know the fault by a word of its own.
class Refusal : public Error {
 public:
  Refusal(std::string_view code, const std::string& message) : Error(message, Fault::usage), code_(code) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

Response json_response(const Json& json, int status = 200);
// {"error": message, "code": code}: what was needed, and what to do; and a word that pages in other languages
// know it by.
Response error_response(int status, std::string_view code, std::string message);
// The same of an Error, its code by what is at fault.
Response error_response(const Error& error);

// What every answer carries: no other site's code, no guessing of types, and nothing kept unless it says so.
std::vector<std::pair<std::string, std::string>> security_headers(const Response& response);

// Takes the one answer of a request; any thread may call it, later too.
using Reply = std::function<void(Response)>;
using Handler = std::function<void(const Request&, const Reply&)>;

// "%2e" -> "."; "" and false for broken escapes and for bytes of value 0.
bool percent_decode(std::string_view text, std::string& decoded);
// Fault::usage: `text` is no whole number from 0; `key` opens the message.
std::uint64_t whole_number(const std::string& key, const std::string& text);
// Splits a request's target into path and query. False: not of the form "/PATH?QUERY".
bool split_target(std::string_view target, Request& request);

}  // namespace gradus::board
