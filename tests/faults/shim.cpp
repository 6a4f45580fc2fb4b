// Stands between a program and the system (LD_PRELOAD), counts the calls that change files, and lets one of
// them fail or end the program. It is told what to do by the environment:
//
//     GRADUS_FAULT_UNDER=DIR    counts calls about files in this folder (a real path) only
//     GRADUS_FAULT_AT=N         the call it acts on, from 1; 0: it only counts
//     GRADUS_FAULT_UNTIL=M      up to this call (N by default; 0: all that follow)
//     GRADUS_FAULT_DO=WHAT      an errno by number: the call fails so and does nothing;
//                               "kill": the process is killed before the call; "kill-after": after it;
//                               "kill-half": a write is killed after half of its bytes, others after it
//     GRADUS_FAULT_ONLY=CALL    counts calls of this name only
//     GRADUS_FAULT_LOG=FILE     a line for each call: its number, name and path
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

using Path = std::array<char, 4096>;

long number(const char* name, long absent) {
  const char* value = std::getenv(name);
  return value ? std::atol(value) : absent;
}

template <class F>
F real(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

enum class Act { none, fail, kill, kill_after, kill_half };

struct Decision {
  Act act = Act::none;
  int error = 0;
};

std::atomic<long> calls{0};

[[noreturn]] void die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

void log(long call, const char* name, const char* path) {
  const char* file = std::getenv("GRADUS_FAULT_LOG");
  if (file == nullptr) return;
  static const auto open_file = real<int (*)(const char*, int, ...)>("open");
  static const auto write_bytes = real<ssize_t (*)(int, const void*, std::size_t)>("write");
  static const int log_file = open_file(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  std::array<char, 4352> line;
  const int size = std::snprintf(line.data(), line.size(), "%ld %s %s\n", call, name, path);
  if (size > 0 && write_bytes(log_file, line.data(), static_cast<std::size_t>(size)) < 0) return;
}

// What becomes of a call about the file at `path`; "kill" has happened when it returns.
Decision decide(const char* name, const char* path) {
  const char* under = std::getenv("GRADUS_FAULT_UNDER");
  if (under == nullptr || path == nullptr || std::strncmp(path, under, std::strlen(under)) != 0) return {};
  const char* only = std::getenv("GRADUS_FAULT_ONLY");
  if (only != nullptr && std::strcmp(only, name) != 0) return {};
  const long call = ++calls;
  log(call, name, path);
  const long first = number("GRADUS_FAULT_AT", 0), last = number("GRADUS_FAULT_UNTIL", first);
  if (first == 0 || call < first || (last != 0 && call > last)) return {};
  const char* what = std::getenv("GRADUS_FAULT_DO");
  if (what == nullptr) return {};
  if (std::strcmp(what, "kill") == 0) die();
  if (std::strcmp(what, "kill-after") == 0) return {Act::kill_after, 0};
  if (std::strcmp(what, "kill-half") == 0) return {Act::kill_half, 0};
  return {Act::fail, std::atoi(what)};
}

// Relative paths are taken as they are from the working directory.
const char* absolute(const char* path, Path& buffer) {
  if (path == nullptr || path[0] == '/') return path;
  if (::getcwd(buffer.data(), buffer.size()) == nullptr) return path;
  const std::size_t size = std::strlen(buffer.data());
  const int added = std::snprintf(buffer.data() + size, buffer.size() - size, "/%s", path);
  return added > 0 ? buffer.data() : path;
}

const char* path_of(int file, Path& buffer) {
  Path link;
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", file);
  const ssize_t size = ::readlink(link.data(), buffer.data(), buffer.size() - 1);
  if (size < 0) return nullptr;
  buffer[static_cast<std::size_t>(size)] = 0;
  return buffer.data();
}

template <class Call>
auto carry_out(const Decision& decision, Call call) -> decltype(call()) {
  if (decision.act == Act::fail) {
    errno = decision.error;
    return -1;
  }
  const auto result = call();
  if (decision.act == Act::kill_after || decision.act == Act::kill_half) die();
  return result;
}

bool writes(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT | O_DIRECTORY)) != 0; }

template <class Call>
int opened(const char* path, int flags, Call call) {
  Path buffer;
  if (!writes(flags)) return call();
  return carry_out(decide("open", absolute(path, buffer)), call);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  static const auto next = real<int (*)(const char*, int, ...)>("open");
  return opened(path, flags, [&] { return next(path, flags, mode); });
}

int open64(const char* path, int flags, ...) {
  std::va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  static const auto next = real<int (*)(const char*, int, ...)>("open64");
  return opened(path, flags, [&] { return next(path, flags, mode); });
}

ssize_t write(int file, const void* bytes, std::size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, std::size_t)>("write");
  Path buffer;
  const Decision decision = decide("write", path_of(file, buffer));
  if (decision.act == Act::none) return next(file, bytes, size);
  if (decision.act == Act::kill_half) size /= 2;
  return carry_out(decision, [&] { return next(file, bytes, size); });
}

int fsync(int file) {
  static const auto next = real<int (*)(int)>("fsync");
  Path buffer;
  return carry_out(decide("fsync", path_of(file, buffer)), [&] { return next(file); });
}

int fdatasync(int file) {
  static const auto next = real<int (*)(int)>("fdatasync");
  Path buffer;
  return carry_out(decide("fdatasync", path_of(file, buffer)), [&] { return next(file); });
}

// A file is closed whatever close() says.
int close(int file) {
  static const auto next = real<int (*)(int)>("close");
  Path buffer;
  const char* path = path_of(file, buffer);
  const bool written = path != nullptr && (::fcntl(file, F_GETFL) & (O_WRONLY | O_RDWR)) != 0;
  if (!written) return next(file);
  const Decision decision = decide("close", path);
  if (decision.act == Act::fail) next(file);
  return carry_out(decision, [&] { return next(file); });
}

int rename(const char* from, const char* to) noexcept {
  static const auto next = real<int (*)(const char*, const char*)>("rename");
  Path buffer;
  return carry_out(decide("rename", absolute(to, buffer)), [&] { return next(from, to); });
}

int unlink(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("unlink");
  Path buffer;
  return carry_out(decide("unlink", absolute(path, buffer)), [&] { return next(path); });
}

int remove(const char* path) noexcept {
  static const auto next = real<int (*)(const char*)>("remove");
  Path buffer;
  return carry_out(decide("remove", absolute(path, buffer)), [&] { return next(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
  static const auto next = real<int (*)(const char*, mode_t)>("mkdir");
  Path buffer;
  return carry_out(decide("mkdir", absolute(path, buffer)), [&] { return next(path, mode); });
}

}  // extern "C"
