// Branches and loops: conditions and counts are known before the run, so the branch is chosen and loops are
// written out.
#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

bool truth(const Call& call, const Value& value) {
  const Tensor known = call.known(value);
  require(known.size() == 1, "a condition must be one value, it is {}.", known.type().str());
  return known.at(0) != 0;
}

Values branch(const Call& call) {
  call.ignore("then_branch");
  call.ignore("else_branch");
  return call.run(call.body(truth(call, call.in(0)) ? "then_branch" : "else_branch"), {});
}

// [places, rest...] of equal values along an axis.
Value stacked(const Values& parts, int axis) {
  require(!parts.empty(), "what a loop without a round collects has no shape.");
  Values rows;
  for (const Value& part : parts) {
    std::vector<std::int64_t> extents = part.shape().list();
    extents.insert(extents.begin() + axis_of(axis, part.shape().rank() + 1), 1);
    rows.push_back(reshape(part, Shape(extents)));
  }
  return concat(rows, {.axis = axis});
}

// Body: round, condition, state -> condition, state, and what is collected.
Values loop(const Call& call) {
  const Body& body = call.body("body");
  const std::int64_t most = call.has(0) ? static_cast<std::int64_t>(call.known(0).at(0)) : -1;
  require(body.outputs.size() + 1 >= call.inputs(), "its body gives fewer states than it takes.");
  Value condition =
      call.has(1) ? reshape(call.in(1), {}) : constant(call.graph(), Tensor::scalar(1, DType::boolean));
  Values state;
  for (std::size_t i = 2; i < call.inputs(); ++i) state.push_back(call.in(i));
  const std::size_t states = state.size();
  std::vector<Values> collected(body.outputs.size() - 1 - states);
  for (std::int64_t round = 0; (most < 0 || round < most) && truth(call, condition); ++round) {
    Values inputs = {constant(call.graph(), Tensor::of<std::int64_t>({}, {round})), condition};
    inputs.insert(inputs.end(), state.begin(), state.end());
    const Values outputs = call.run(body, inputs);
    condition = outputs[0];
    state.assign(outputs.begin() + 1, outputs.begin() + 1 + static_cast<std::ptrdiff_t>(states));
    for (std::size_t i = 0; i < collected.size(); ++i) collected[i].push_back(outputs[1 + states + i]);
  }
  Values results = state;
  for (std::size_t i = 0; i < collected.size(); ++i) {
    results.push_back(call.wants(states + i) ? stacked(collected[i], 0) : Value());
  }
  return results;
}

std::int64_t entry(const std::vector<std::int64_t>& list, std::size_t i) {
  return i < list.size() ? list[i] : 0;
}

// Body: state, one place of each sequence -> state, one place of each result.
Values scan_over(const Call& call, const Body& body, const Values& given) {
  const std::int64_t scanned = call.integer("num_scan_inputs");
  require(scanned >= 1 && static_cast<std::size_t>(scanned) <= given.size(), "num_scan_inputs is {}.",
          scanned);
  const std::size_t states = given.size() - static_cast<std::size_t>(scanned);
  require(body.outputs.size() >= states, "its body gives fewer states than it takes.");
  const auto in_axes = call.integers("scan_input_axes"), out_axes = call.integers("scan_output_axes");
  const auto in_turned = call.integers(call.given("directions") ? "directions" : "scan_input_directions");
  const auto out_turned = call.integers("scan_output_directions");
  Values state(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(states));
  std::vector<Values> collected(body.outputs.size() - states);
  std::int64_t rounds = -1;
  for (std::int64_t round = 0; rounds < 0 || round < rounds; ++round) {
    Values inputs = state;
    for (std::size_t i = states; i < given.size(); ++i) {
      const Value& x = given[i];
      const int axis = axis_of(entry(in_axes, i - states), x.shape().rank());
      require(rounds < 0 || rounds == x.shape()[axis], "its sequences differ in length.");
      rounds = x.shape()[axis];
      if (rounds == 0) break;
      const std::int64_t place = entry(in_turned, i - states) != 0 ? rounds - 1 - round : round;
      inputs.push_back(reshape(cut(x, axis, place, place + 1), x.shape().without(axis)));
    }
    if (rounds == 0) break;
    const Values outputs = call.run(body, inputs);
    state.assign(outputs.begin(), outputs.begin() + static_cast<std::ptrdiff_t>(states));
    for (std::size_t i = 0; i < collected.size(); ++i) {
      Values& list = collected[i];
      list.insert(entry(out_turned, i) != 0 ? list.begin() : list.end(), outputs[states + i]);
    }
  }
  Values results = state;
  for (std::size_t i = 0; i < collected.size(); ++i) {
    results.push_back(stacked(collected[i], static_cast<int>(entry(out_axes, i))));
  }
  return results;
}

// In opset 8 the first axis of all is a batch, and an input of lengths comes first.
Values scan(const Call& call) {
  const Body& body = call.body("body");
  Values given;
  for (std::size_t i = call.opset() < 9 ? 1 : 0; i < call.inputs(); ++i) given.push_back(call.in(i));
  if (call.opset() >= 9) return scan_over(call, body, given);
  require(!call.has(0) && !given.empty() && given[0].shape().rank() >= 1,
          "lengths of sequences are not supported.");
  std::vector<Values> examples;
  for (std::int64_t example = 0; example < given[0].shape()[0]; ++example) {
    Values inputs;
    for (const Value& x : given) {
      require(x.shape().rank() >= 1 && example < x.shape()[0], "its inputs differ in their batch.");
      inputs.push_back(reshape(cut(x, 0, example, example + 1), x.shape().without(0)));
    }
    const Values outputs = scan_over(call, body, inputs);
    examples.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) examples[i].push_back(outputs[i]);
  }
  Values results;
  for (const Values& list : examples) results.push_back(stacked(list, 0));
  return results;
}

}  // namespace

std::vector<Converter> control_ops() { return {{"If", branch}, {"Loop", loop}, {"Scan", scan}}; }

}  // namespace gradus::io::onnx
