#include "train/ranks.h"

#include <algorithm>
#include <bit>
#include <thread>

#include "base/check.h"
#include "base/machine.h"
#include "base/parallel.h"
#include "io/crc32c.h"
#include "train/prepare.h"

namespace gradus::train {

namespace {

std::uint32_t hash_of(const Tensor& tensor) {
  return tensor.defined() ? io::crc32c({tensor.data(), tensor.byte_size()}) : 0;
}

std::string data_text(const Prepared& run) {
  std::string text;
  const auto add = [&](const char* name, const data::Dataset& part) {
    text += fmt::format("{}: {} examples {}, {:08x} {:08x}; ", name, part.size(), part.example_shape().str(),
                        hash_of(part.x), hash_of(part.y));
  };
  add("training", run.parts.train);
  if (run.parts.val) add("validation", *run.parts.val);
  if (run.parts.test) add("test", *run.parts.test);
  return text;
}

std::string weights_text(const Prepared& run) {
  std::string text;
  for (const Variable& variable : run.model.network.variables())
    text += fmt::format("{} {} {:08x}; ", variable.name(), variable.type().str(), hash_of(variable.value()));
  return text;
}

std::string settings_text(const Prepared& run) {
  RunConfig config = run.config;
  config.threads = 0;
  return to_toml(config);
}

// The first line, or part up to a semicolon, in which they differ.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto part = [](const std::string& text, std::size_t at) {
    const std::size_t begin = text.find_last_of("\n;", at == 0 ? 0 : at - 1) + 1;
    std::string found = text.substr(begin, text.find_first_of("\n;", at) - begin);
    found.erase(0, found.find_first_not_of(' '));
    return found.empty() ? std::string("nothing") : found;
  };
  return {part(a, static_cast<std::size_t>(differ.first - a.begin())),
          part(b, static_cast<std::size_t>(differ.second - b.begin()))};
}

void require_equal(Communicator& ranks, Fault fault, const char* what, const std::string& mine) {
  const std::vector<std::string> all = ranks.gather(mine);
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    const auto [first, other] = first_difference(all[0], all[rank]);
    throw SharedError(
        fmt::format("rank {}: its {} must be that of rank 0: {}; it is: {}. Start all ranks with "
                    "the same program, command line and files.",
                    rank, what, first, other),
        fault);
  }
}

void require_shared(bool holds, const std::string& message) {
  if (!holds) throw SharedError(message, Fault::usage);
}

}  // namespace

Communicator* several(Communicator* ranks) { return ranks != nullptr && ranks->size() > 1 ? ranks : nullptr; }

bool leads(const Communicator* ranks) { return ranks == nullptr || ranks->rank() == 0; }

std::int64_t threads_of_rank(const Communicator& ranks) {
  const int here = hardware_threads(), machine = static_cast<int>(std::thread::hardware_concurrency());
  return here < machine ? here : std::max(1, here / ranks.on_this_machine());
}

void together(Communicator* ranks, const std::function<void()>& work) {
  if (several(ranks) == nullptr) return work();
  std::string mine;
  try {
    work();
  } catch (const Error& error) {
    mine = static_cast<char>('0' + static_cast<int>(error.fault())) + std::string(error.what());
  }
  const std::vector<std::string> all = ranks->gather(mine);
  const auto failed = std::find_if(all.begin(), all.end(), [](const std::string& s) { return !s.empty(); });
  if (failed == all.end()) return;
  const bool by_all = std::all_of(all.begin(), all.end(), [&](const std::string& s) { return s == *failed; });
  const std::string who = by_all ? "" : fmt::format("rank {}: ", failed - all.begin());
  throw SharedError(who + failed->substr(1), static_cast<Fault>(failed->front() - '0'));
}

void require_shareable(const Communicator* ranks, const Prepared& run) {
  if (ranks == nullptr || ranks->size() == 1) return;
  const RunConfig& c = run.config;
  const int size = ranks->size();
  require_shared(
      c.optimizer != "least_squares",
      "--optimizer least_squares: it solves for the weights in one process. Start it without mpirun.");
  require_shared(
      c.shards == 1 || (std::has_single_bit(static_cast<unsigned>(size)) && size <= c.shards),
      fmt::format("--shards {}: its parts can be shared by 2, 4, ... up to {} ranks, there are {}. "
                  "Start as many, or leave --shards out.",
                  c.shards, c.shards, size));
  const std::int64_t rest = run.parts.train.size() % batch_size(run);
  require_shared(
      !c.sync_batch_norm || rest == 0 || rest >= size,
      fmt::format("--sync-batch-norm: each of the {} ranks needs an example of every batch, the last "
                  "one has {}. Take another --batch-size.",
                  size, rest));
  require_shared(
      size <= batch_size(run),
      fmt::format("--batch-size {}: each of the {} ranks needs an example of a batch. Take a larger "
                  "one, or fewer ranks.",
                  batch_size(run), size));
}

void require_alike(Communicator* ranks, const Prepared& run, std::int64_t step) {
  if (several(ranks) == nullptr) return;
  require_equal(*ranks, Fault::model, "version of Gradus", std::string(version()));
  require_equal(*ranks, Fault::model, "settings", settings_text(run));
  require_equal(*ranks, Fault::data, "data", data_text(run));
  require_equal(*ranks, Fault::model, "initial weights", weights_text(run));
  require_equal(*ranks, Fault::model, "checkpoint", fmt::format("step {}", step));
}

}  // namespace gradus::train
