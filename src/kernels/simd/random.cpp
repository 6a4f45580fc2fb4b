// random_bernoulli, random_uniform and random_normal: the same bits as the plain kernels.
#include "kernels/simd/random.h"

#include <cmath>

#include "base/parallel.h"
#include "gradus/ops.h"
#include "kernels/kernels.h"
#include "ops/defs.h"
#include "ops/support/random.h"
#include "tensor/dispatch.h"

namespace gradus {

namespace {

constexpr std::int64_t kParallelElements = 16384;
constexpr std::int64_t kGrain = 64;  // even: both numbers of a block belong to one part

// run(sequence, y, begin, end) on parts of the elements of the result: those numbers of the sequence, which y
// points to.
template <class Run>
KernelChoice prepare_parts(const KernelRequest& request, Run run) {
  const auto options = request.node.attr<RandomOptions>();
  const std::int64_t n = options.shape.size();
  const int threads = n < kParallelElements ? 1 : request.threads;
  return make_kernel([=](const Bindings& b) {
    return make_launch([=] {
      const RandomSequence random = random_sequence(options, b.in[0]);
      const std::uint64_t first = first_number(options, b.in[0]);
      parallel_for(n, kGrain, threads, [&](std::int64_t begin, std::int64_t end) {
        std::byte* y = b.out[0].data() + begin * static_cast<std::int64_t>(size_of(options.dtype));
        run(random, y, first + static_cast<std::uint64_t>(begin), first + static_cast<std::uint64_t>(end));
      });
    });
  });
}

KernelChoice prepare_bernoulli(const KernelRequest& request) {
  const auto& options = request.node.attr<RandomOptions>();
  const simd::RandomFunctions* functions = simd::find_random(options.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(options.dtype));
  // u < p for u = k 2^-53 exactly when k < p 2^53.
  const auto limit = static_cast<std::uint64_t>(std::ceil(options.high * 0x1p53));
  return prepare_parts(
      request, [=](const RandomSequence& random, std::byte* y, std::uint64_t begin, std::uint64_t end) {
        functions->bernoulli(random, limit, y, begin, end);
      });
}

KernelChoice prepare_uniform(const KernelRequest& request) {
  const auto& options = request.node.attr<RandomOptions>();
  const simd::RandomFunctions* functions = simd::find_random(options.dtype);
  if (functions == nullptr) return "no vector code for " + std::string(name(options.dtype));
  const double low = options.low, width = options.high - options.low, top = largest_uniform(options);
  return prepare_parts(
      request, [=](const RandomSequence& random, std::byte* y, std::uint64_t begin, std::uint64_t end) {
        functions->uniform(random, low, width, top, y, begin, end);
      });
}

// One block gives two numbers.
KernelChoice prepare_normal(const KernelRequest& request) {
  const auto options = request.node.attr<RandomOptions>();
  return prepare_parts(
      request, [=](const RandomSequence& random, std::byte* y, std::uint64_t begin, std::uint64_t end) {
        dispatch_float(options.dtype, [&](auto zero) {
          auto* to = reinterpret_cast<decltype(zero)*>(y);
          for (std::uint64_t i = begin; i < end;) {
            const std::array<double, 2> pair = random.normal_pair(i / 2);
            for (std::uint64_t k = i % 2; k < 2 && i < end; ++k, ++i)
              *to++ = static_cast<decltype(zero)>(options.low + options.high * pair[k]);
          }
        });
      });
}

}  // namespace

void add_random_kernels(KernelSet& kernels) {
  kernels.add(random_bernoulli_op, {"simd.random_bernoulli", prepare_bernoulli});
  kernels.add(random_uniform_op, {"simd.random_uniform", prepare_uniform});
  kernels.add(random_normal_op, {"fast.random_normal", prepare_normal});
}

}  // namespace gradus
