// One node that does the work of several: elementwise ops on arrays of one shape, and sums of what they give.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gradus/op_def.h"

namespace gradus {

// Values are numbered: the inputs first, then what each step gives. The first step may be a contraction.
struct FusedBody {
  struct Step {
    const OpDef* op;  // with one output
    Attrs attrs;
    std::vector<int> in;
    Type out;
    std::string where = {};  // the node's, for messages
  };
  std::vector<Type> inputs;
  std::vector<Step> steps;
  std::vector<int> outputs;

  const Type& type(int value) const;
  std::string str() const;  // "3=sub(0,1) 4=relu(3) -> 4"
};

struct FusedOptions {
  std::string text;
  std::shared_ptr<const FusedBody> body;  // absent in what was parsed from text

  static FusedOptions of(FusedBody body);
  static void fields(auto& self, auto&& visit) { visit("body", self.text); }
};

// What each step gives, by the ops' plain kernels.
std::vector<Tensor> carry_out(const FusedBody& body, std::span<const Tensor> inputs);

// Made by the fuse pass only; its plain kernel takes one step after the other.
extern const OpDef fused_op;

// Whether the node works element by element, so that a result may take the place of an input.
bool runs_in_place(const Node& node);
// Whether that goes for this input: not for those of a product, of which each result needs many elements.
bool may_take_over(const Node& node, std::size_t input);

}  // namespace gradus
