// What the C++ peers share: the workloads, the command line, timing, the result.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace peers {

struct Workload {
  std::string name;
  std::vector<std::int64_t> input;  // the shape of an example
  std::int64_t classes, batch, parameters;
  // Of the optimizer: Adam, or SGD with these.
  bool adam;
  double lr, momentum, weight_decay;
};

inline const std::vector<Workload>& workloads() {
  static const std::vector<Workload> list = {
      {"seed", {20}, 2, 3, 462, false, 0.1, 0, 0.01},
      {"mlp", {784}, 10, 128, 235'146, true, 1e-3, 0, 0},
      {"bigmlp", {1024}, 1000, 256, 8'344'552, false, 0.01, 0.9, 0},
      {"cnn", {1, 28, 28}, 10, 64, 421'642, true, 1e-3, 0, 0},
      {"resnet20", {3, 32, 32}, 10, 128, 272'474, false, 0.1, 0.9, 1e-4},
      {"densenet40", {3, 32, 32}, 10, 64, 1'019'722, false, 0.1, 0.9, 1e-4},
  };
  return list;
}

struct Arguments {
  Workload workload;
  int threads = 1;
  double seconds = 2;
  std::string layout = "default";
};

[[noreturn]] inline void fail(const std::string& message, int code = 1) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(code);
}

[[noreturn]] inline void refuse(const std::string& message) {
  fail(message + "\nusage: WORKLOAD [--threads T] [--seconds X] [--layout default|channels_last]", 2);
}

// Libraries read OMP_NUM_THREADS as they are loaded, so the program starts itself again with it.
inline void start_with_threads(int threads, char** argv) {
  const char* given = std::getenv("OMP_NUM_THREADS");
  const std::string needed = std::to_string(threads);
  if (given != nullptr && given == needed) return;
  setenv("OMP_NUM_THREADS", needed.c_str(), 1);
  execv("/proc/self/exe", argv);
  fail("the program cannot start itself again");
}

inline Arguments read_arguments(int argc, char** argv) {
  Arguments read;
  if (argc < 2 || argc % 2 != 0) refuse("a workload and pairs of option and value were needed");
  const auto& list = workloads();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Workload& w) { return w.name == argv[1]; });
  if (found == list.end()) refuse("there is no workload '" + std::string(argv[1]) + "'");
  read.workload = *found;
  for (int i = 2; i < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    if (option == "--threads")
      read.threads = std::max(1, std::atoi(value.c_str()));
    else if (option == "--seconds")
      read.seconds = std::atof(value.c_str());
    else if (option == "--layout" && (value == "default" || value == "channels_last"))
      read.layout = value;
    else
      refuse("'" + option + " " + value + "' is unknown");
  }
  if (read.layout != "default" && read.workload.input.size() < 3)
    refuse(read.workload.name + " has no images");
  start_with_threads(read.threads, argv);
  return read;
}

template <class Run>
double seconds_of(const Run& run, int calls) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Median seconds of a call, as `gradus bench` measures: short calls are repeated within a measurement.
template <class Run>
double measure(const Run& run, double seconds) {
  seconds_of(run, 3);  // first touch of all memory
  int calls = 1;
  while (seconds_of(run, calls) < 1e-3) calls *= 2;
  std::vector<double> times;
  double spent = 0;
  while (times.size() < 5 || spent < seconds) {
    times.push_back(seconds_of(run, calls) / calls);
    spent += times.back() * calls;
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  return times[times.size() / 2];
}

// Not getrusage's figure: that one includes what the process was before it became this program.
inline double peak_memory_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("VmHWM:", 0) == 0) return std::stod(line.substr(6)) / 1024;
  return 0;
}

// Prints the result of steps of so many seconds, if parameters and losses are those of the workload.
inline void report(const std::string& peer, const std::string& version, const Arguments& arguments,
                   std::int64_t parameters, double first_loss, double last_loss, double seconds) {
  const Workload& w = arguments.workload;
  if (parameters != w.parameters)
    fail(w.name + ": " + std::to_string(parameters) + " parameters, " + std::to_string(w.parameters) +
         " were needed");
  if (!std::isfinite(first_loss) || !std::isfinite(last_loss)) fail(w.name + ": the loss is not finite");
  std::printf("{\"peer\": \"%s\", \"version\": \"%s\", \"workload\": \"%s\", \"layout\": \"%s\", ",
              peer.c_str(), version.c_str(), w.name.c_str(), arguments.layout.c_str());
  std::printf("\"threads\": %d, \"batch\": %lld, \"step_ms\": %.9g, \"samples_per_s\": %.9g, ",
              arguments.threads, static_cast<long long>(w.batch), 1e3 * seconds,
              static_cast<double>(w.batch) / seconds);
  std::printf("\"parameters\": %lld, \"first_loss\": %.9g, \"last_loss\": %.9g, \"peak_rss_mb\": %.6g}\n",
              static_cast<long long>(parameters), first_loss, last_loss, peak_memory_mb());
}

}  // namespace peers
