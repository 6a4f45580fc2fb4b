#include "dist/job.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "base/check.h"
#include "dist/module.h"

namespace gradus::dist {

namespace {

namespace fs = std::filesystem;

struct Launcher {
  const char* variable;  // it sets this one, to the number of ranks or the rank
  bool counts;           // to the number of ranks
  const char* module;
  const char* mpi;
};

constexpr Launcher kLaunchers[] = {{"OMPI_COMM_WORLD_SIZE", true, "libgradus_openmpi.so", "Open MPI"},
                                   {"PMI_SIZE", true, "libgradus_mpich.so", "MPICH"},
                                   {"PMIX_RANK", false, "libgradus_openmpi.so", "Open MPI"}};

const Launcher* find_launcher() {
  for (const Launcher& launcher : kLaunchers) {
    const char* value = std::getenv(launcher.variable);
    if (value != nullptr) return launcher.counts && std::string(value) == "1" ? nullptr : &launcher;
  }
  return nullptr;
}

// Beside the program, or in the library folder beside the program's.
std::optional<fs::path> find_module(const std::string& name) {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& place : {folder, folder / "../lib", folder / "../lib/gradus"})
    if (fs::exists(place / name, error)) return place / name;
  return std::nullopt;
}

class LoadedJob final : public Job {
 public:
  explicit LoadedJob(void* module)
      : leave_(function<decltype(leave_)>(module, "gradus_mpi_leave")),
        abort_(function<decltype(abort_)>(module, "gradus_mpi_abort")),
        ranks_(function<Communicator* (*)()>(module, "gradus_mpi_join")()) {}

  Communicator& ranks() override { return *ranks_; }
  void leave() override { leave_(); }
  [[noreturn]] void abort(int code) override {
    abort_(code);
    ::_exit(code);
  }

 private:
  template <class F>
  static F function(void* module, const char* name) {
    void* found = ::dlsym(module, name);
    require(Fault::usage, found != nullptr, "mpi: the module has no {}: it is of another version of Gradus.",
            name);
    return reinterpret_cast<F>(found);
  }

  void (*leave_)();
  void (*abort_)(int);
  Communicator* ranks_;
};

}  // namespace

std::unique_ptr<Job> join_job() {
  const Launcher* launcher = find_launcher();
  if (launcher == nullptr) return nullptr;
  const std::optional<fs::path> file = find_module(launcher->module);
  require(
      Fault::usage, file.has_value(),
      "mpi: {} started this process as one of several, and this build has no module for it ({} beside the "
      "program or in ../lib). Build Gradus where {} is installed, or start it without {}.",
      launcher->mpi, launcher->module, launcher->mpi, launcher->mpi);
  // Open MPI's own plug-ins look for its symbols among the global ones.
  void* module = ::dlopen(file->c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (module == nullptr) fail(Fault::usage, "mpi: {} cannot be loaded: {}.", file->string(), ::dlerror());
  return std::make_unique<LoadedJob>(module);
}

}  // namespace gradus::dist
