#include "train/share.h"

#include <algorithm>

#include "train/programs.h"

namespace gradus::train {

namespace {

std::span<std::byte> bytes_of(const Variable& variable) {
  const Tensor& tensor = variable.value();
  return {tensor.data(), tensor.byte_size()};
}

}  // namespace

Share share_of(const RunConfig& config, const Communicator* ranks) {
  if (!config.shard_optimizer || ranks == nullptr) return {};
  return {.rank = ranks->rank(), .ranks = ranks->size()};
}

std::vector<int> owners(const std::vector<Variable>& parameters, int ranks) {
  std::size_t total = 0, before = 0;
  for (const Variable& parameter : parameters) total += parameter.type().bytes();
  std::vector<int> list;
  for (const Variable& parameter : parameters) {
    list.push_back(total == 0 ? 0 : static_cast<int>(before * static_cast<std::size_t>(ranks) / total));
    before += parameter.type().bytes();
  }
  return list;
}

void share_parameters(const std::vector<Variable>& parameters, const std::vector<int>& owner,
                      Communicator& ranks) {
  for (std::size_t i = 0; i < parameters.size(); ++i) ranks.begin_share(bytes_of(parameters[i]), owner[i]);
  ranks.finish();
}

std::vector<Variable> gather_state(const Prepared& run, const Update& own, Communicator& ranks) {
  std::vector<Variable> all;
  for (int rank = 0; rank < ranks.size(); ++rank) {
    // What ranks have in common, the count of steps, comes first in each list.
    const bool mine = rank == ranks.rank();
    for (const Variable& variable :
         mine ? own.state() : make_update(run, {.rank = rank, .ranks = ranks.size()}).state()) {
      const bool known = std::any_of(all.begin(), all.end(),
                                     [&](const Variable& other) { return other.name() == variable.name(); });
      if (known) continue;
      ranks.begin_share(bytes_of(variable), rank);
      all.push_back(variable);
    }
  }
  ranks.finish();
  return all;
}

}  // namespace gradus::train
