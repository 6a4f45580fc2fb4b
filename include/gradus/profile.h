// Where the time of a program goes: each instruction timed, as a table and as a trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gradus/compile.h"

#pragma GCC visibility push(default)  // what the shared library exports
namespace gradus {

// Fill it with Session::run(profile), as often as you like; of one program only.
struct Profile {
  struct Span {
    std::size_t instruction = 0;
    double begin = 0, end = 0;  // seconds since the first run began
  };
  std::int64_t runs = 0;
  std::vector<double> seconds;          // [instruction], of all runs
  std::vector<std::vector<Span>> last;  // [run], of the last kKept runs; a loop runs instructions repeatedly
  double started = -1;                  // of the clock

  static constexpr std::size_t kKept = 16;
};

// What one kernel did, per run.
struct ProfileRow {
  std::string kernel;
  std::int64_t instructions = 0;
  double seconds = 0;
  double flops = 0;  // multiply-adds of contractions counted twice, padding included
  double bytes = 0;  // of its operands, each counted once for each instruction
};
// The dearest first: of each kernel, or of each instruction ("onednn.conv2d  conv2d %12 in layers.3.0").
std::vector<ProfileRow> profile_by_kernel(const Program& program, const Profile& profile);
std::vector<ProfileRow> profile_by_instruction(const Program& program, const Profile& profile);

// The last runs in Chrome's trace event format (chrome://tracing, Perfetto).
std::string chrome_trace(const Program& program, const Profile& profile);

}  // namespace gradus
#pragma GCC visibility pop
