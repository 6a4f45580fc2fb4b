// Work split over threads: OpenMP, the pool oneDNN uses too, so there is never a second one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace gradus {

// Number of threads the machine offers this process.
int hardware_threads();

// Sets the calling thread's OpenMP team size while it lives.
class ThreadScope {
 public:
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

namespace detail {
void run_parts(int parts, void (*run)(void*, int part), void* context);
}

// Calls work(begin, end), or work(part, begin, end) with the number of the part, on at most `threads` equal
// parts of [0, n), cut at multiples of `grain`. All parts are tried; then the first one's fault is thrown.
template <class Work>
void parallel_for(std::int64_t n, std::int64_t grain, int threads, Work&& given) {
  const auto work = [&given](int part, std::int64_t begin, std::int64_t end) {
    if constexpr (std::is_invocable_v<Work&, int, std::int64_t, std::int64_t>)
      given(part, begin, end);
    else
      given(begin, end);
  };
  const std::int64_t grains = (n + grain - 1) / grain;
  const int parts = static_cast<int>(std::min<std::int64_t>(threads, grains));
  if (parts <= 1) {
    if (n > 0) work(0, std::int64_t{0}, n);
    return;
  }
  struct Context {
    decltype(&work) call;
    std::int64_t n, grain, grains;
    int parts;
  } context{&work, n, grain, grains, parts};
  detail::run_parts(
      parts,
      [](void* raw, int part) {
        auto& c = *static_cast<Context*>(raw);
        const std::int64_t begin = c.grains * part / c.parts * c.grain;
        const std::int64_t end = std::min(c.n, c.grains * (part + 1) / c.parts * c.grain);
        if (begin < end) (*c.call)(part, begin, end);
      },
      &context);
}

}  // namespace gradus
