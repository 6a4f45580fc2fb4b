// Rumelhart, Hinton & Williams (1986): is a pattern of six bits its own mirror image? A 6-2-1 network of
// sigmoids, error E = 1/2 sum of squares over all 64 patterns, learning rate 0.1, momentum 0.9, weights and
// biases drawn from +-0.3; a sweep shows every pattern once. A network has solved the task when each output
// is on the right side of 1/2. The paper needed 1,425 sweeps.
//     symmetry [SEEDS] [SWEEPS]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "gradus/compile.h"
#include "gradus/data.h"
#include "gradus/grad.h"
#include "gradus/nn.h"
#include "gradus/optim.h"

using namespace gradus;

namespace {

// Sweeps until solved, or `limit` + 1.
int train(const data::Dataset& patterns, std::uint64_t seed, int limit) {
  const auto init = nn::Initializer::uniform(-0.3, 0.3);
  nn::Sequential net(nn::Dense({.in = 6, .out = 2, .init = init, .bias_init = init}), nn::Sigmoid(),
                     nn::Dense({.in = 2, .out = 1, .init = init, .bias_init = init}), nn::Sigmoid());
  net.initialize(seed);
  optim::Sgd sgd(net.parameters(), {.lr = 0.1, .momentum = 0.9});
  auto step = compile(
      [&](const Value& x, const Value& target) {
        const Value y = net(x), error = y - target;
        sgd.apply(gradients(0.5 * sum(error * error), net.parameters()));
        // 1 where the output is on the right side
        return sum(cast(equal(greater(y, scalar(x.graph(), 0.5)), greater(target, scalar(x.graph(), 0.5))),
                        DType::f32));
      },
      {.threads = 1});
  const Tensor x = patterns.x.cast(DType::f32), t = patterns.y.cast(DType::f32).reshaped({64, 1});
  for (int sweep = 1; sweep <= limit; ++sweep) {
    if (step(x, t).at(0) == 64) return sweep - 1;  // solved before this sweep's update
  }
  return limit + 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int seeds = argc > 1 ? std::atoi(argv[1]) : 200, limit = argc > 2 ? std::atoi(argv[2]) : 20000;
  const data::Dataset patterns = data::symmetry({.shuffle = false});
  std::vector<int> sweeps;
  for (int seed = 0; seed < seeds; ++seed) {
    const int needed = train(patterns, static_cast<std::uint64_t>(seed), limit);
    if (needed <= limit) sweeps.push_back(needed);
  }
  std::sort(sweeps.begin(), sweeps.end());
  std::printf("%zu of %d networks solve the symmetry task within %d sweeps", sweeps.size(), seeds, limit);
  if (!sweeps.empty()) std::printf("; median %d sweeps, fastest %d", sweeps[sweeps.size() / 2], sweeps[0]);
  std::printf("\n");
}
