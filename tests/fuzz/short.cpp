// Every fuzz target for a short time and without coverage, so that any compiler builds it:
// fuzz_short TARGET SEEDS RUNS gives the target each file of the folder SEEDS, which it must take, and then
// RUNS inputs made from them by changing, cutting, repeating and joining bytes; the same ones every time.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <random>
#include <vector>

#include "base/file.h"
#include "fuzz.h"

#define GRADUS_FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t*, std::size_t);
#include "targets.def"
#undef GRADUS_FUZZ_TARGET

namespace {

using Target = int (*)(const std::uint8_t*, std::size_t);
using Input = std::vector<std::byte>;

struct NamedTarget {
  const char* name;
  Target target;
};
constexpr NamedTarget kTargets[] = {
#define GRADUS_FUZZ_TARGET(name) {#name, fuzz_##name},
#include "targets.def"
#undef GRADUS_FUZZ_TARGET
};

void give(Target target, const Input& input) {
  // A copy of exactly the input's size, so that a read beyond its end is seen.
  const std::vector<std::uint8_t> copy(reinterpret_cast<const std::uint8_t*>(input.data()),
                                       reinterpret_cast<const std::uint8_t*>(input.data()) + input.size());
  target(copy.data(), copy.size());
}

class Mutator {
 public:
  explicit Mutator(const std::vector<Input>& seeds) : seeds_(seeds) {}

  Input next() {
    Input input = seeds_[below(seeds_.size())];
    for (std::size_t i = 1 + below(4); i > 0; --i) change(input);
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  std::byte any_byte() {
    constexpr unsigned char kTelling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '0', '9',
                                          '-',  '"',  ',',  '\n', '{',  ']'};
    return static_cast<std::byte>(below(2) == 0 ? below(256) : kTelling[below(std::size(kTelling))]);
  }

  void change(Input& input) {
    const std::size_t at = below(input.size() + 1), rest = input.size() - at;
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(6)) {
      case 0:  // one bit
        if (rest > 0) input[at] ^= static_cast<std::byte>(1U << below(8));
        return;
      case 1:  // up to eight bytes, as a number's
        for (std::size_t i = 0, n = std::size_t{1} << below(4); i < std::min(n, rest); ++i)
          input[at + i] = any_byte();
        return;
      case 2:
        input.insert(place, any_byte());
        return;
      case 3:  // cut out, or off
        input.erase(place, place + static_cast<std::ptrdiff_t>(below(4) == 0 ? rest : below(rest + 1) % 17));
        return;
      case 4: {  // a stretch once more
        const Input stretch(place,
                            place + static_cast<std::ptrdiff_t>(std::min<std::size_t>(rest, 1 + below(64))));
        input.insert(input.begin() + static_cast<std::ptrdiff_t>(below(input.size() + 1)), stretch.begin(),
                     stretch.end());
        return;
      }
      default: {  // the start of this one, the end of another
        const Input& other = seeds_[below(seeds_.size())];
        input.resize(at);
        input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size() + 1)),
                     other.end());
      }
    }
  }

  const std::vector<Input>& seeds_;
  std::mt19937_64 random_{20};
};

}  // namespace

int main(int argc, char** argv) {
  const auto target = std::find_if(std::begin(kTargets), std::end(kTargets), [&](const NamedTarget& t) {
    return argc == 4 && std::strcmp(t.name, argv[1]) == 0;
  });
  if (target == std::end(kTargets)) {
    std::fprintf(stderr, "usage: fuzz_short TARGET SEEDS RUNS\n");
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Input> seeds;
  for (const auto& file : files) {
    seeds.push_back(gradus::read_file(file, gradus::Fault::data));
    give(target->target, seeds.back());
    if (gradus::inputs_taken == seeds.size()) continue;
    std::fprintf(stderr, "%s: refused, though it is right\n", file.c_str());
    return 1;
  }
  const long runs = std::strtol(argv[3], nullptr, 10);
  Mutator mutator(seeds);
  for (long i = 0; i < runs; ++i) give(target->target, mutator.next());
  std::printf("%s: %ld inputs, %zu taken\n", target->name, runs, gradus::inputs_taken - seeds.size());
  return seeds.empty() ? 1 : 0;
}
