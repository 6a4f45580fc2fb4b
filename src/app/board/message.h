// An HTTP message as the plain values that handlers see.
#pragma once

#include <boost/beast/http.hpp>

#include "app/board/http.h"

namespace gradus::board {

// Takes the message's body away. False: its target is not of the form /PATH?KEY=VALUE.
bool read_message(boost::beast::http::request<boost::beast::http::string_body>& message, Request& request);

}  // namespace gradus::board
