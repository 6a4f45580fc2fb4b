// Options of the nodes that have no inputs or touch state: the compiler and the runtime read them.
#pragma once

#include "gradus/op_def.h"

namespace gradus {

struct InputOptions {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  static void fields(auto& self, auto&& visit) {
    visit("name", self.name);
    visit("dtype", self.dtype);
    visit("shape", self.shape);
  }
};

struct ConstantOptions {
  Tensor value;
  static void fields(auto& self, auto&& visit) { visit("value", self.value); }
};

// Of the op that reads a variable and the op that writes one.
struct StateOptions {
  Variable variable;
  static void fields(auto& self, auto&& visit) { visit("variable", self.variable); }
};

}  // namespace gradus
