// ONNX files (github.com/onnx/onnx, IR versions 3 to 8): read, checked, and made graphs of.
//
// Only where Gradus is built with libonnx-dev. Files come from strangers: what is read is checked before it
// is used, memory is taken only for what the file holds, and data outside the file is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gradus/value.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::io::onnx {

// Element types by ONNX's numbers. Tensors of types Gradus lacks are widened as gradus/io.h says.
enum class Element : std::int32_t {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  string = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  complex64 = 14,
  complex128 = 15,
  bf16 = 16
};
std::string_view name(Element element);         // "float", "int64": ONNX's names
std::optional<DType> held_as(Element element);  // the type of their tensors; none: strings, complex numbers

// A tensor with a name, and the element type it has in the file.
struct Array {
  std::string name;
  Element element = Element::undefined;
  Tensor value;
};

struct Body;
// An attribute of a node; subgraphs are Bodies.
struct Attribute {
  std::string name;
  std::variant<std::int64_t, double, std::string, Array, std::shared_ptr<const Body>,
               std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>
      value;
};

// A node as the file has it.
struct NodeInfo {
  std::string op, domain, name;              // domain "" is ai.onnx
  std::vector<std::string> inputs, outputs;  // "": left out
  std::vector<Attribute> attributes;
};

// What a graph takes or gives.
struct Port {
  std::string name;
  Element element = Element::undefined;  // undefined: no tensor (a sequence, an optional, a map), or not said
  std::optional<std::vector<std::int64_t>> extents;  // -1: any
};

// A graph, of the model or of a node that has one (If, Loop, Scan). Nodes come in an order in which every
// value is made before it is used, and no value has two makers.
struct Body {
  std::string name;
  std::vector<Port> inputs, outputs;
  std::vector<Array> initializers;
  std::vector<NodeInfo> nodes;
};

// A file, read and checked.
struct Model {
  std::string where;  // for messages: the file
  std::int64_t ir_version = 0;
  std::map<std::string, std::int64_t> opsets;  // domain -> version
  std::map<std::string, std::string> metadata;
  Body graph;

  // What a caller must give: the graph's inputs without an initializer of that name.
  std::vector<Port> wanted() const;
};

// Error (Fault::model), naming the file and the node: bytes that are no such model; external, sparse, string
// or complex data; tensors whose bytes do not match their shape; names used before they are made or made
// twice.
Model read(const std::filesystem::path& path);
Model parse(std::span<const std::byte> bytes, const std::string& where);
// A TensorProto by itself: the ".pb" files of ONNX's own tests.
Array read_tensor(const std::filesystem::path& path);
Array parse_tensor(std::span<const std::byte> bytes, const std::string& where);

// The graph that computes the model's outputs, under their names, for inputs of these shapes: one tensor for
// each of wanted(), which its inputs are. Inputs that shapes depend on (of Reshape, Slice, Pad) are taken for
// constants. Elements of types Gradus lacks are computed in those that hold them. Error, naming the file, the
// node and its op: Fault::data for inputs that do not fit; Fault::model for what Gradus has no op for.
Graph build(const Model& model, std::span<const Tensor> inputs);

}  // namespace gradus::io::onnx
#pragma GCC visibility pop
