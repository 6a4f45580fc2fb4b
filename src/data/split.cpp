// Training, validation and test parts.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "base/check.h"
#include "base/philox.h"
#include "base/streams.h"
#include "gradus/data.h"

namespace gradus::data {
namespace {

using Rows = std::vector<std::int64_t>;

// How many rows of each group to hold out, `total` in all: the whole part of each group's share, and
// then one more where the largest fractions were cut off (the first groups at equal fractions).
Rows quotas(const std::vector<Rows>& groups, std::int64_t total) {
  const auto rows =
      static_cast<double>(std::accumulate(groups.begin(), groups.end(), std::size_t{0},
                                          [](std::size_t sum, const Rows& g) { return sum + g.size(); }));
  Rows quota;
  std::vector<double> rest;
  for (const Rows& group : groups) {
    const double exact = static_cast<double>(total) * static_cast<double>(group.size()) / rows;
    quota.push_back(static_cast<std::int64_t>(exact));
    rest.push_back(exact - std::floor(exact));
  }
  std::vector<std::size_t> order(groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rest[a] > rest[b]; });
  std::int64_t left = total - std::accumulate(quota.begin(), quota.end(), std::int64_t{0});
  for (const std::size_t g : order) {
    if (left == 0) break;
    if (quota[g] == static_cast<std::int64_t>(groups[g].size())) continue;
    ++quota[g];
    --left;
  }
  return quota;
}

// The rows of `pool` by class (or all as one group), each group in random order. Groups stand in the random
// order of their first rows, so that chance settles equal fractions.
std::vector<Rows> random_groups(const Rows& pool, const Dataset& data, bool by_class,
                                const RandomSequence& random) {
  Rows order(pool.size());
  permute(order, random);
  std::vector<Rows> groups;
  std::unordered_map<std::int64_t, std::size_t> group_of;
  for (const std::int64_t i : order) {
    const std::int64_t row = pool[static_cast<std::size_t>(i)];
    const std::int64_t label = by_class ? data.y.values<std::int64_t>()[static_cast<std::size_t>(row)] : 0;
    const auto [group, is_new] = group_of.emplace(label, groups.size());
    if (is_new) groups.emplace_back();
    groups[group->second].push_back(row);
  }
  return groups;
}

// Moves `total` random rows out of `pool` (sorted) and gives them back sorted.
Rows hold_out(Rows& pool, std::int64_t total, const Dataset& data, bool by_class,
              const RandomSequence& random) {
  const std::vector<Rows> groups = random_groups(pool, data, by_class, random);
  const Rows quota = quotas(groups, total);
  Rows out;
  Rows kept;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto cut = groups[g].begin() + quota[g];
    out.insert(out.end(), groups[g].begin(), cut);
    kept.insert(kept.end(), cut, groups[g].end());
  }
  std::sort(out.begin(), out.end());
  std::sort(kept.begin(), kept.end());
  pool = std::move(kept);
  return out;
}

// The rows of a share: 0 for a share of 0, else at least 1.
std::int64_t part_size(const char* what, double share, std::int64_t rows) {
  require(Fault::data, share >= 0.0 && share < 1.0, "split: {} must be a share from 0 to below 1, got {}.",
          what, share);
  const std::int64_t count = std::llround(share * static_cast<double>(rows));
  require(Fault::data, share == 0.0 || count > 0,
          "split: {}={} of {} rows leaves the {} part empty. Take a larger share.", what, share, rows, what);
  return count;
}

}  // namespace

SplitRows split_rows(const Dataset& data, const SplitOptions& options) {
  const std::int64_t rows = data.size();
  require(Fault::data, rows > 0, "split: the data set is empty.");
  const std::int64_t test = part_size("test", options.test, rows);
  const std::int64_t val = part_size("val", options.val, rows);
  require(Fault::data, test + val < rows,
          "split: val={} and test={} of {} rows leave the training part empty. Take smaller shares.",
          options.val, options.test, rows);
  const bool by_class = options.stratify && data.kind == Kind::classes && data.y.defined();
  SplitRows result;
  result.train.resize(static_cast<std::size_t>(rows));
  std::iota(result.train.begin(), result.train.end(), std::int64_t{0});
  // The step sets the two apart, so a validation part is not drawn as a test part before it was.
  const RandomSequence for_test(options.seed, stream::kSplit, 0);
  const RandomSequence for_val(options.seed, stream::kSplit, 1);
  if (test > 0) result.test = hold_out(result.train, test, data, by_class, for_test);
  if (val > 0) result.val = hold_out(result.train, val, data, by_class, for_val);
  return result;
}

Splits split(const Dataset& data, const SplitOptions& options) {
  const SplitRows rows = split_rows(data, options);
  Splits result;
  if (rows.val.empty() && rows.test.empty()) {
    result.train = data;
    return result;
  }
  result.train = data.subset(rows.train);
  if (!rows.val.empty()) result.val = data.subset(rows.val);
  if (!rows.test.empty()) result.test = data.subset(rows.test);
  return result;
}

Splits split_fold(const Dataset& data, const FoldOptions& options) {
  const std::int64_t rows = data.size();
  require(Fault::data, options.count >= 2 && options.index >= 0 && options.index < options.count,
          "fold: part {} of {} was asked for; parts are counted from 0, and there are at least 2.",
          options.index, options.count);
  require(Fault::data, rows >= options.count, "fold: {} parts of {} rows leave some empty. Take fewer.",
          options.count, rows);
  Rows all(static_cast<std::size_t>(rows));
  std::iota(all.begin(), all.end(), std::int64_t{0});
  const bool by_class = options.stratify && data.kind == Kind::classes && data.y.defined();
  // Dealt out like cards, one class after the other: parts differ by a row at most, and so do their classes.
  Rows train, val;
  std::int64_t dealt = 0;
  for (const Rows& group :
       random_groups(all, data, by_class, RandomSequence(options.seed, stream::kSplit, 2))) {
    for (const std::int64_t row : group)
      (dealt++ % options.count == options.index ? val : train).push_back(row);
  }
  std::sort(train.begin(), train.end());
  std::sort(val.begin(), val.end());
  return {.train = data.subset(train), .val = data.subset(val), .test = std::nullopt};
}

std::vector<double> balanced_class_weights(const Dataset& data) {
  require(Fault::data, data.kind == Kind::classes && data.y.defined() && data.size() > 0,
          "class weights: a data set of classes was needed.");
  std::vector<double> weights(static_cast<std::size_t>(data.classes), 0.0);
  for (const std::int64_t label : data.y.values<std::int64_t>())
    weights[static_cast<std::size_t>(label)] += 1.0;
  const double share = static_cast<double>(data.size()) / static_cast<double>(data.classes);
  for (double& weight : weights) weight = weight > 0.0 ? share / weight : 0.0;
  return weights;
}

}  // namespace gradus::data
