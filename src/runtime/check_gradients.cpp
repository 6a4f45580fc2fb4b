#include <cmath>
#include <limits>

#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "gradus/check.h"
#include "gradus/grad.h"
#include "gradus/ops.h"
#include "runtime/probe.h"

namespace gradus {

namespace {

// Each use of random numbers has its own step of the stream: two for all xs, then kUses for each.
enum Use : std::uint64_t { kSample, kDirection, kVector, kUses };

RandomSequence random_for(const CheckOptions& options, std::uint64_t step) {
  return RandomSequence(options.seed, stream::kCheck, step);
}
RandomSequence random_for(const CheckOptions& options, std::size_t x, Use use) {
  return random_for(options, 2 + kUses * x + use);
}

// Weights of either sign and no two alike; none near 0, where a fault could hide.
Tensor upstream(const Type& type, const RandomSequence& random) {
  Tensor u(type);
  for (std::int64_t i = 0; i < u.size(); ++i) {
    const double t = 2 * random.uniform(static_cast<std::uint64_t>(i)) - 1;
    u.set(i, t < 0 ? t - 0.5 : t + 0.5);
  }
  return u;
}

// Normal numbers, the largest scaled to 1; `number` tells the directions of one sequence apart.
Tensor direction(const Type& type, const RandomSequence& random, std::int64_t number) {
  Tensor v(type);
  double largest = 0;
  for (std::int64_t i = 0; i < v.size(); ++i) {
    v.set(i, random.normal(static_cast<std::uint64_t>(number * v.size() + i)));
    largest = std::max(largest, std::abs(v.at(i)));
  }
  for (double& element : v.values<double>()) element /= largest;
  return v;
}

std::string index_of(std::int64_t element, const Shape& shape) {
  std::string text;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    text = fmt::format("{}{}{}", element % shape[axis], text.empty() ? "" : ", ", text);
    element /= shape[axis];
  }
  return "[" + text + "]";
}

// A few roundings on the way from x to F.
constexpr double kRoundings = 4 * std::numeric_limits<double>::epsilon();
// The error that a difference of nothing but noise counts as at most: the default tolerance.
constexpr double kErrorOfNoise = 1e-6;

// A numeric derivative of F, or the kink that stands in its way.
struct Estimate {
  double value = 0;
  double noise = 0;   // what F's rounding can make of it
  double change = 0;  // from D(h) to D(h/2)
  std::optional<std::string> kink;
};

// Checks one x. Elements and directions are both directions here: an element's has one entry of 1.
class CheckOfX {
 public:
  CheckOfX(const Probe& probe, std::string name, const Tensor& u, const Tensor& analytic, double tolerance,
           GradientCheck& result)
      : probe_(probe), name_(std::move(name)), u_(u), g_(analytic), tolerance_(tolerance), result_(result) {
    const auto y = probe.y().values<double>(), weights = u.values<double>();
    for (std::size_t i = 0; i < y.size(); ++i) {
      y_scale_ += std::abs(y[i] * weights[i]);
      rounding_ += kRoundings * probe.magnitude() * std::abs(weights[i]);
    }
    for (const double g : g_.values<double>()) g_scale_ = std::max(g_scale_, std::abs(g));
  }

  void element(std::int64_t i) {
    const double x = probe_.x().at(i);
    const auto shifted = [&](double t) {
      const Tensor moved = probe_.x().clone();
      moved.set(i, x + t);
      return moved;
    };
    compare(name_ + " " + index_of(i, g_.shape()), shifted, std::abs(x), g_.at(i), g_scale_);
  }

  void along(std::int64_t number, const Tensor& v) {
    const auto entries = v.values<double>(), g = g_.values<double>();
    double largest = 0, product = 0, squares = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      largest = std::max(largest, std::abs(probe_.x().values<double>()[i]));
      product += g[i] * entries[i];
      squares += g[i] * entries[i] * g[i] * entries[i];
    }
    const auto shifted = [&](double t) {
      const Tensor moved = probe_.x().clone();
      const auto x = moved.values<double>();
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += t * entries[i];
      return moved;
    };
    compare(fmt::format("{} along direction {}", name_, number), shifted, largest, product,
            std::sqrt(squares));
  }

 private:
  template <class Shifted>
  Estimate estimate(const Shifted& shifted, double h) const {
    double d[2] = {};
    for (const int k : {0, 1}) {
      const double t = k == 0 ? h : h / 2;
      const Probe::Point above = probe_.at(shifted(t)), below = probe_.at(shifted(-t));
      if (auto kink = probe_.kink_between(above, below)) return {0, 0, 0, std::move(kink)};
      const auto a = above.y.values<double>(), b = below.y.values<double>(), u = u_.values<double>();
      for (std::size_t i = 0; i < a.size(); ++i) d[k] += u[i] * (a[i] - b[i]);
      d[k] /= 2 * t;
    }
    // D(t) is off by rounding / t, so the combination by up to (4 * 2 + 1) / 3 = 3 times that of h.
    return {(4 * d[1] - d[0]) / 3, 3 * rounding_ / h, std::abs(d[1] - d[0]), {}};
  }

  template <class Shifted>
  void compare(const std::string& where, const Shifted& shifted, double x, double analytic, double g_scale) {
    const double small = std::cbrt(std::numeric_limits<double>::epsilon()) * std::max(1.0, x);
    const double floor = 0.001 * std::max(g_scale, y_scale_);
    const auto scale = [&](const Estimate& numeric) {
      return std::max({std::abs(numeric.value), std::abs(analytic), floor, numeric.noise / kErrorOfNoise,
                       std::numeric_limits<double>::min()});
    };
    Estimate numeric = estimate(shifted, 16 * small);
    // A change that noise explains would only grow with a smaller step.
    const double settled = std::max(0.1 * tolerance_ * scale(numeric), numeric.noise);
    if (numeric.kink || !(numeric.change <= settled)) numeric = estimate(shifted, small);
    if (numeric.kink) {
      result_.kinks.push_back(fmt::format("{}: {}, within {:.0e} of its kink", where, *numeric.kink, small));
      return;
    }
    ++result_.checked;
    double error = std::abs(numeric.value - analytic) / scale(numeric);
    if (!std::isfinite(error)) error = std::numeric_limits<double>::infinity();
    if (error < result_.worst || (error == result_.worst && !result_.where.empty())) return;
    result_.worst = error;
    result_.where = fmt::format("{}: analytic {:.12g}, numeric {:.12g}", where, analytic, numeric.value);
  }

  const Probe& probe_;
  std::string name_;
  const Tensor &u_, &g_;
  double tolerance_, y_scale_ = 0, g_scale_ = 0, rounding_ = 0;
  GradientCheck& result_;
};

void require_f64(const Value& value, const char* what) {
  require(static_cast<bool>(value), "check_gradients: {} is empty.", what);
  require(
      value.dtype() == DType::f64,
      "check_gradients: {} must be f64 for differences to mean anything, {} is {}. Build the graph in f64.",
      what, value.node().where(), value.type().str());
}

}  // namespace

std::string GradientCheck::summary() const {
  std::string text = fmt::format("gradients {}: {} numbers checked, worst error {:.2e} (tolerance {:.0e})",
                                 passed() ? "agree" : "DIFFER", checked, worst, tolerance);
  if (!where.empty()) text += ", at " + where;
  constexpr std::size_t kShown = 5;
  if (!kinks.empty()) text += fmt::format("\n{} skipped at kinks:", kinks.size());
  for (std::size_t i = 0; i < std::min(kShown, kinks.size()); ++i) text += "\n  " + kinks[i];
  if (kinks.size() > kShown) text += fmt::format("\n  and {} more", kinks.size() - kShown);
  return text;
}

GradientCheck check_gradients(const Value& y, const Values& xs, std::span<const Tensor> inputs,
                              const CheckOptions& options) {
  require_f64(y, "y");
  for (const Value& x : xs) require_f64(x, "each x");
  Graph& graph = y.graph();
  const Tensor u = upstream(y.type(), random_for(options, 0));
  const Values gs = gradients(y, xs, {.upstream = constant(graph, u), .unused = GradientOptions::zeros});
  const std::vector<reference::Feed> feeds = reference::feed_inputs(graph, inputs);
  const std::vector<Tensor> analytic = reference::run(graph, gs, feeds);

  GradientCheck result{.tolerance = options.tolerance, .where = {}, .kinks = {}};
  for (std::size_t k = 0; k < xs.size(); ++k) {
    const Probe probe(y, xs[k], feeds);
    CheckOfX check(probe, xs[k].node().where(), u, analytic[k], options.tolerance, result);
    const std::int64_t n = xs[k].shape().size();
    if (n <= options.every_element) {
      for (std::int64_t i = 0; i < n; ++i) check.element(i);
      continue;
    }
    const RandomSequence sample = random_for(options, k, kSample);
    for (std::int64_t i = 0; i < options.sample; ++i) {
      check.element(static_cast<std::int64_t>(
          sample.below(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(n))));
    }
    for (std::int64_t i = 0; i < options.directions; ++i) {
      check.along(i, direction(xs[k].type(), random_for(options, k, kDirection), i));
    }
  }
  return result;
}

GradientCheck check_second_order(const Value& y, const Values& xs, std::span<const Tensor> inputs,
                                 const CheckOptions& options) {
  require_f64(y, "y");
  for (const Value& x : xs) require_f64(x, "each x");
  Graph& graph = y.graph();
  const Value u = constant(graph, upstream(y.type(), random_for(options, 1)));
  const Values gs = gradients(y, xs, {.upstream = u, .unused = GradientOptions::zeros});
  Value product;
  for (std::size_t k = 0; k < xs.size(); ++k) {
    const Value term = sum(gs[k] * constant(graph, upstream(xs[k].type(), random_for(options, k, kVector))));
    product = product ? product + term : term;
  }
  require(static_cast<bool>(product), "check_second_order: no xs were given.");
  Values with_u = xs;
  with_u.push_back(u.named("upstream"));
  return check_gradients(product, with_u, inputs, options);
}

}  // namespace gradus
