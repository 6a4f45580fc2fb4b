// RNN, GRU and LSTM, written out step by step.
#include <map>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

using Activation = Value (*)(const Value&);
Value logistic(const Value& x) { return sigmoid(x); }
Value hyperbolic(const Value& x) { return tanh(x); }
Value rectified(const Value& x) { return relu(x); }

Activation activation(const std::string& name) {
  static const std::map<std::string, Activation> known = {
      {"Sigmoid", logistic}, {"Tanh", hyperbolic}, {"Relu", rectified}};
  const auto found = known.find(name);
  require(found != known.end(), "the activation '{}' is not supported; Sigmoid, Tanh and Relu are.", name);
  return found->second;
}

// One direction's weights, and the state it starts from. b: of the input and of the state, [1, gates H] each.
struct Direction {
  Value w, r, b_input, b_state, peepholes;  // [gates H, I], [gates H, H], peepholes [3 H] or none
  Value h, c;                               // [B, H]
  std::vector<Activation> f;
  std::int64_t hidden = 0;

  // The part of x, or of a bias, that belongs to a gate.
  Value gate(const Value& x, std::int64_t number) const {
    return cut(x, x.shape().rank() - 1, number * hidden, (number + 1) * hidden);
  }
  Value peephole(std::int64_t number, const Value& state) const {
    if (!peepholes) return scalar(state.graph(), 0, state.dtype());
    return state * cut(peepholes, 0, number * hidden, (number + 1) * hidden);
  }
};

struct State {
  Value h, c;
};

struct Settings {
  double clip = 0;
  bool linear_before_reset = false, input_forget = false;

  Value bounded(const Value& x) const { return clip > 0 ? gradus::clip(x, {.low = -clip, .high = clip}) : x; }
};

// x: what the input adds to all gates, [B, gates H].
using Cell = State (*)(const Direction&, const Settings&, const Value& x, const State&);

Value from_state(const Direction& d, const Value& h) {
  return matmul(h, d.r, {.transpose_b = true}) + d.b_state;
}

State plain_cell(const Direction& d, const Settings& s, const Value& x, const State& before) {
  return {d.f[0](s.bounded(x + from_state(d, before.h))), {}};
}

// Gates z, r, h (Cho et al. 2014).
State gru_cell(const Direction& d, const Settings& s, const Value& x, const State& before) {
  const Value& h = before.h;
  const Value all = from_state(d, h);
  const Value z = d.f[0](s.bounded(d.gate(x, 0) + d.gate(all, 0)));
  const Value r = d.f[0](s.bounded(d.gate(x, 1) + d.gate(all, 1)));
  const Value reset = s.linear_before_reset
                          ? r * d.gate(all, 2)
                          : matmul(r * h, cut(d.r, 0, 2 * d.hidden, 3 * d.hidden), {.transpose_b = true}) +
                                d.gate(d.b_state, 2);
  const Value fresh = d.f[1](s.bounded(d.gate(x, 2) + reset));
  return {(1.0 - z) * fresh + z * h, {}};
}

// Gates i, o, f, c, with peepholes i, o, f (Gers & Schmidhuber 2000).
State lstm_cell(const Direction& d, const Settings& s, const Value& x, const State& before) {
  const Value all = x + from_state(d, before.h);
  const Value& c = before.c;
  const Value i = d.f[0](s.bounded(d.gate(all, 0) + d.peephole(0, c)));
  const Value f = s.input_forget ? 1.0 - i : d.f[0](s.bounded(d.gate(all, 2) + d.peephole(2, c)));
  const Value next = f * c + i * d.f[1](s.bounded(d.gate(all, 3)));
  const Value o = d.f[0](s.bounded(d.gate(all, 1) + d.peephole(1, next)));
  return {o * d.f[2](next), next};
}

struct Kind {
  Cell cell;
  std::int64_t gates;
  std::vector<std::string> activations;  // of one direction
  bool has_c = false;
};

Value of_direction(const Value& x, std::int64_t number) {
  return reshape(cut(x, 0, number, number + 1), x.shape().without(0));
}

struct Results {
  Values h;  // of each step [B, H], 0 beyond a sequence's end
  State last;
};

// x [T, B, I]; lengths [B] or none.
Results run_through(const Direction& d, const Settings& s, Cell cell, const Value& x, const Value& lengths,
                    bool backwards) {
  const std::int64_t steps = x.shape()[0], batch = x.shape()[1];
  const Value rows = reshape(x, {steps * batch, x.shape()[2]});
  const Value inputs =
      reshape(matmul(rows, d.w, {.transpose_b = true}) + d.b_input, {steps, batch, d.w.shape()[0]});
  Results results{.h = Values(static_cast<std::size_t>(steps)), .last = {d.h, d.c}};
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::int64_t t = backwards ? steps - 1 - i : i;
    State next = cell(d, s, of_direction(inputs, t), results.last);
    Value shown = next.h;
    if (lengths) {
      const Value runs = reshape(greater(lengths, number(lengths, static_cast<double>(t))), {batch, 1});
      shown = select(runs, next.h, number(next.h, 0));
      next.h = select(runs, next.h, results.last.h);
      if (next.c) next.c = select(runs, next.c, results.last.c);
    }
    results.last = next;
    results.h[static_cast<std::size_t>(t)] = shown;
  }
  return results;
}

Value joined(const Values& parts, const Shape& shape, int axis) {
  Values list;
  for (const Value& part : parts) list.push_back(reshape(part, shape));
  return concat(list, {.axis = axis});
}

Direction direction_of(const Call& call, const Kind& kind, const Value& x, std::int64_t number,
                       std::int64_t hidden) {
  Direction d;
  d.hidden = hidden;
  d.w = of_direction(call.in(1), number);
  d.r = of_direction(call.in(2), number);
  const std::int64_t width = kind.gates * hidden, batch = x.shape()[1];
  require(d.w.shape() == Shape{width, x.shape()[2]} && d.r.shape() == Shape{width, hidden},
          "weights {} and {} do not fit x {} and {} hidden units.", call.in(1).type().str(),
          call.in(2).type().str(), x.type().str(), hidden);
  const Value zero = scalar(call.graph(), 0, x.dtype());
  Value b = broadcast_to(zero, {2 * width});
  if (call.has(3)) b = of_direction(call.in(3), number);
  require(b.shape() == Shape{2 * width}, "the bias must have {} numbers for {} hidden units, it has {}.",
          2 * width, hidden, b.shape().size());
  d.b_input = reshape(cut(b, 0, 0, width), {1, width});
  d.b_state = reshape(cut(b, 0, width, 2 * width), {1, width});
  const bool by_batch = call.integer("layout", 0) != 0;
  const auto start = [&](std::size_t at) {
    if (!call.has(at)) return broadcast_to(zero, {batch, hidden});
    return of_direction(by_batch ? moved(call.in(at), 1, 0) : call.in(at), number);
  };
  d.h = start(5);
  if (kind.has_c) {
    d.c = start(6);
    if (call.has(7)) d.peepholes = of_direction(call.in(7), number);
  }
  const auto names = call.texts("activations");
  for (std::size_t i = 0; i < kind.activations.size(); ++i) {
    const std::size_t at = static_cast<std::size_t>(number) * kind.activations.size() + i;
    require(names.empty() || at < names.size(), "{} activations are too few.", names.size());
    d.f.push_back(activation(names.empty() ? kind.activations[i] : names[at]));
  }
  return d;
}

// Y [T, D, B, H], and the last state [D, B, H]; with layout 1 the batch comes first.
Values recurrent(const Call& call, const Kind& kind) {
  const bool by_batch = call.integer("layout", 0) != 0;
  require(call.in(0).shape().rank() == 3 && call.in(1).shape().rank() == 3 && call.in(2).shape().rank() == 3,
          "x [T, B, I], w [D, gates H, I] and r [D, gates H, H] were needed.");
  const Value x = by_batch ? moved(call.in(0), 1, 0) : call.in(0);
  const std::int64_t hidden = call.integer("hidden_size", call.in(2).shape()[2]);
  require(hidden >= 1 && hidden <= 1 << 24 && x.shape()[0] >= 1, "there must be units and steps.");
  const std::string direction = call.text("direction", "forward");
  require(direction == "forward" || direction == "reverse" || direction == "bidirectional",
          "direction must be forward, reverse or bidirectional, it is '{}'.", direction);
  const Settings settings{.clip = call.real("clip", 0),
                          .linear_before_reset = call.integer("linear_before_reset", 0) != 0,
                          .input_forget = call.integer("input_forget", 0) != 0};
  const Value lengths = call.has(4) ? call.in(4) : Value();
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  require(call.in(1).shape()[0] == directions, "w {} must have {} directions.", call.in(1).type().str(),
          directions);
  Values all, last_h, last_c;
  const Shape step{1, 1, x.shape()[1], hidden}, last{1, x.shape()[1], hidden};
  for (std::int64_t i = 0; i < directions; ++i) {
    const Direction d = direction_of(call, kind, x, i, hidden);
    const Results r = run_through(d, settings, kind.cell, x, lengths, i == 1 || direction == "reverse");
    all.push_back(joined(r.h, step, 0));
    last_h.push_back(reshape(r.last.h, last));
    if (kind.has_c) last_c.push_back(reshape(r.last.c, last));
  }
  const auto by_layout = [&](const Value& y) { return by_batch ? moved(y, 1, 0) : y; };
  const Value y = concat(all, {.axis = 1});
  Values results = {by_batch ? transpose(y, {2, 0, 1, 3}) : y, by_layout(concat(last_h, {.axis = 0}))};
  if (kind.has_c) results.push_back(by_layout(concat(last_c, {.axis = 0})));
  return results;
}

Values rnn(const Call& call) { return recurrent(call, {plain_cell, 1, {"Tanh"}}); }
Values gru(const Call& call) { return recurrent(call, {gru_cell, 3, {"Sigmoid", "Tanh"}}); }
Values lstm(const Call& call) { return recurrent(call, {lstm_cell, 4, {"Sigmoid", "Tanh", "Tanh"}, true}); }

}  // namespace

std::vector<Converter> recurrent_ops() { return {{"GRU", gru}, {"LSTM", lstm}, {"RNN", rnn}}; }

}  // namespace gradus::io::onnx
