// From ONNX's messages to plain structs. The only header that shows protobuf's types.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>

#include "gradus/onnx.h"

namespace gradus::io::onnx {

// `where` names the file, and the node that has the tensor.
Array array_of(const ::onnx::TensorProto& message, const std::string& where);
Body body_of(const ::onnx::GraphProto& message, const std::string& where);

}  // namespace gradus::io::onnx
