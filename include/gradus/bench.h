// Whole training steps of fixed networks on random data, timed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gradus/profile.h"
#include "gradus/train.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus::train {

struct BenchOptions {
  int threads = 0;                // 0: all the machine offers
  std::string precision = "f32";  // or bf16, bf16-emulated, f64
  double seconds = 2;             // to spend on measuring steps
  std::int64_t batch = 0;         // 0: the workload's own
  bool inference = false;         // the forward pass alone, in inference mode
  bool profile = false;
};

// Where the time of a training step goes.
struct StepProfile {
  std::int64_t batch = 0, steps = 0;
  double step_ms = 0;  // mean
  std::vector<ProfileRow> by_kernel = {}, by_instruction = {};
  std::string trace = {};  // Chrome's trace events of the last steps
};
// Times the instructions of a run's training step, on its first batch again and again. Nothing is written.
StepProfile profile_step(const RunConfig& config, std::int64_t steps = 50);

// What `gradus bench --json` prints.
struct BenchResult {
  std::string workload;
  int threads = 1;
  std::string precision;  // that was used
  std::string note;       // why it is not the one that was asked for; "": it is
  std::int64_t batch = 0;
  double step_ms = 0;  // median
  double samples_per_s = 0;
  std::int64_t parameters = 0;
  double model_gflop_per_step = 0;  // of matmul and convolution, multiply-adds counted twice
  double gemm_gflops = 0;           // best f32 product measured in this process
  double roofline_fraction = 0;     // model_gflop_per_step / step seconds / gemm_gflops
  double peak_rss_mb = 0;           // of the process while the workload ran
  std::optional<StepProfile> profile = {};
};

// A workload that has a name.
struct BenchWorkload {
  std::string name, description;
};
// All of them (docs/performance.md).
const std::vector<BenchWorkload>& bench_workloads();

// A workload's name, or a model file (.toml, with `input`): its network under Adam with batches of 128.
// Fault::usage: an unknown name, with the known ones; an impossible option. Fault::model: a bad file.
void require_benchable(const std::string& workload, const BenchOptions& options);
BenchResult bench(const std::string& workload, const BenchOptions& options = {});

}  // namespace gradus::train
#pragma GCC visibility pop
