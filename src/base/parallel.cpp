#include "base/parallel.h"

#include <omp.h>

#include <exception>

#include "base/denormals.h"

namespace gradus {

int hardware_threads() { return omp_get_num_procs(); }

ThreadScope::ThreadScope(int threads) : before_(omp_get_max_threads()) {
  if (threads != before_) omp_set_num_threads(threads);
}
ThreadScope::~ThreadScope() {
  if (omp_get_max_threads() != before_) omp_set_num_threads(before_);
}

namespace detail {

void run_parts(int parts, void (*run)(void*, int part), void* context) {
  const FloatControl control = FloatControl::current();
  std::exception_ptr fault;  // nothing may leave the threads' region
  int faulty = parts;
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int part = 0; part < parts; ++part) {
    const FloatScope as_the_caller(control);
    try {
      run(context, part);
    } catch (...) {
#pragma omp critical(gradus_run_parts)
      if (part < faulty) {
        faulty = part;
        fault = std::current_exception();
      }
    }
  }
  if (fault) std::rethrow_exception(fault);
}

}  // namespace detail
}  // namespace gradus
