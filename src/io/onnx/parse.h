// Bytes as a message.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/check.h"

namespace gradus::io::onnx {

// Error: bytes that are no such message. What nests deeper than protobuf allows (100) is none.
template <class Message>
Message parsed(std::span<const std::byte> bytes, const std::string& where, std::string_view what) {
  Message message;
  require(Fault::model, bytes.size() <= static_cast<std::size_t>(std::numeric_limits<int>::max()),
          "{}: it has {} bytes; ONNX files have at most 2 GiB.", where, bytes.size());
  require(Fault::model, message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "{}: it is no ONNX {}: the bytes do not make up its messages.", where, what);
  return message;
}

}  // namespace gradus::io::onnx
