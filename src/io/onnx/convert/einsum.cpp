// Einstein's summation: products of arrays whose axes have names.
#include <algorithm>
#include <map>

#include "io/onnx/convert/families.h"
#include "io/onnx/convert/support.h"

namespace gradus::io::onnx {
namespace {

// An array and the names of its axes; digits stand for those of "...", the last one '0'.
struct Named {
  Value x;
  std::string axes;

  bool has(char name) const { return axes.find(name) != std::string::npos; }
  std::int64_t extent(char name) const { return x.shape()[static_cast<int>(axes.find(name))]; }
};

std::string expanded(std::string text, int rank) {
  const std::size_t dots = text.find("...");
  const int named = static_cast<int>(text.size()) - (dots == std::string::npos ? 0 : 3);
  if (dots != std::string::npos) {
    require(rank >= named, "an input has too few axes for '{}'.", text);
    std::string open;
    for (int i = rank - named; i > 0; --i) open += static_cast<char>('0' + i - 1);
    text.replace(dots, 3, open);
  }
  const bool good = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
  require(good && static_cast<int>(text.size()) == rank, "'{}' does not name {} axes.", text, rank);
  return text;
}

// Where a name stands twice, the diagonal.
Named without_repeats(Named a) {
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    const std::size_t j = a.axes.find(a.axes[i], i + 1);
    if (j == std::string::npos) continue;
    const int first = static_cast<int>(i), second = static_cast<int>(j);
    const std::int64_t n = a.x.shape()[first];
    require(n == a.x.shape()[second], "the axes '{}' differ in extent.", a.axes[i]);
    const int last = a.x.shape().rank() - 1;
    const Value turned = moved(moved(a.x, second, last), first, last - 1);  // the pair stands last
    const std::int64_t rest = product(turned.shape(), 0, last - 1);
    const Value places = iota(a.x.graph(), n) * list(a.x.graph(), {n + 1});
    const Value diagonal = taken(reshape(turned, {rest, n * n}), places, 1);
    a.x = moved(reshape(diagonal, turned.shape().without(last)), last - 1, first);
    a.axes.erase(j, 1);
    return without_repeats(a);
  }
  return a;
}

Named summed(const Named& a, const std::string& kept) {
  std::vector<std::int64_t> axes;
  std::string left;
  for (std::size_t i = 0; i < a.axes.size(); ++i) {
    if (kept.find(a.axes[i]) == std::string::npos)
      axes.push_back(static_cast<std::int64_t>(i));
    else
      left += a.axes[i];
  }
  return axes.empty() ? a : Named{sum(a.x, {axes, false}), left};
}

// The axes in the order of `names`, multiplied into groups by the caller.
Value ordered(const Named& a, const std::string& names) {
  std::vector<std::int64_t> order;
  for (const char name : names) order.push_back(static_cast<std::int64_t>(a.axes.find(name)));
  return transpose(a.x, order);
}

std::int64_t extents_of(const Named& a, const std::string& names) {
  std::int64_t n = 1;
  for (const char name : names) n *= a.extent(name);
  return n;
}

// One matrix product for each place of the axes that both have and that stay.
Named multiplied(const Named& a, const Named& b, const std::string& kept) {
  std::string both, gone, only_a, only_b;
  for (const char name : a.axes) {
    (!b.has(name) ? only_a : kept.find(name) != std::string::npos ? both : gone) += name;
    require(!b.has(name) || a.extent(name) == b.extent(name), "the axes '{}' differ in extent.", name);
  }
  for (const char name : b.axes) {
    if (!a.has(name)) only_b += name;
  }
  const std::int64_t batch = extents_of(a, both), k = extents_of(a, gone);
  const Value left = reshape(ordered(a, both + only_a + gone), {batch, extents_of(a, only_a), k});
  const Value right = reshape(ordered(b, both + gone + only_b), {batch, k, extents_of(b, only_b)});
  std::vector<std::int64_t> extents;
  for (const char name : both + only_a) extents.push_back(a.extent(name));
  for (const char name : only_b) extents.push_back(b.extent(name));
  return {reshape(matmul(left, right), Shape(extents)), both + only_a + only_b};
}

Values einsum(const Call& call) {
  std::string equation = call.text("equation", "");
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  const std::size_t arrow = equation.find("->");
  const std::string inputs = equation.substr(0, arrow);
  std::vector<Named> parts;
  std::map<char, int> count;
  std::size_t at = 0;
  for (std::size_t i = 0; i < call.inputs(); ++i) {
    const std::size_t comma = std::min(inputs.find(',', at), inputs.size());
    require(at <= inputs.size(), "'{}' names fewer than {} inputs.", equation, call.inputs());
    const Value x = call.in(i);
    parts.push_back({x, expanded(inputs.substr(at, comma - at), x.shape().rank())});
    for (const char name : parts.back().axes) ++count[name];
    at = comma + 1;
  }
  require(at == inputs.size() + 1, "'{}' names more than {} inputs.", equation, call.inputs());
  // Without an arrow: "...", then what stands once, sorted.
  std::string open, once;
  for (const auto& [name, times] : count) {
    if (name <= '9') open.insert(open.begin(), name);
    if (name > '9' && times == 1) once += name;
  }
  std::string result = open + once;
  if (arrow != std::string::npos) {
    result = equation.substr(arrow + 2);
    const std::size_t dots = result.find("...");
    if (dots != std::string::npos) result.replace(dots, 3, open);
  }
  for (Named& part : parts) part = without_repeats(part);
  Named y = parts[0];
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::string kept = result;
    for (std::size_t j = i + 1; j < parts.size(); ++j) kept += parts[j].axes;
    if (i > 0) y = multiplied(y, summed(parts[i], kept + y.axes), kept);
    y = summed(y, kept);
  }
  const bool fits = result.size() == y.axes.size() &&
                    std::all_of(result.begin(), result.end(), [&](char name) { return y.has(name); });
  require(fits, "'{}' asks for axes that no input has, or twice.", equation);
  return {ordered(y, result)};
}

}  // namespace

std::vector<Converter> einsum_ops() { return {{"Einsum", einsum}}; }

}  // namespace gradus::io::onnx
