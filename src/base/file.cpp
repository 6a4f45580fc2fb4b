#include "base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadChunk = std::size_t{1} << 20;
constexpr std::size_t kWriteChunk = std::size_t{1} << 30;  // Linux moves at most 2 GiB - 4 KiB a call

std::string errno_text(int error) { return std::generic_category().message(error); }

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

// Removes the temporary file unless it was renamed.
class Cleanup {
 public:
  explicit Cleanup(fs::path path) : path_(std::move(path)) {}
  ~Cleanup() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  Cleanup(const Cleanup&) = delete;
  Cleanup& operator=(const Cleanup&) = delete;
  void dismiss() { path_.clear(); }

 private:
  fs::path path_;
};

[[noreturn]] void cannot_read(const fs::path& path, Fault fault, const std::string& reason) {
  fail(fault, "{}: cannot be read: {}.", path.string(), reason);
}

[[noreturn]] void cannot_write(const fs::path& path, const std::string& reason) {
  fail(Fault::output, "{}: cannot be written: {}.", path.string(), reason);
}

// Writes from the front of `bytes` what can be written, and leaves the rest there. Gives errno, or 0.
int write_front(int file, std::span<const std::byte>& bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), std::min(bytes.size(), kWriteChunk));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return count < 0 ? errno : ENOSPC;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return 0;
}

void write_all(const Descriptor& file, std::span<const std::byte> bytes, const fs::path& path) {
  if (const int error = write_front(file.get(), bytes)) cannot_write(path, errno_text(error));
}

constexpr std::string_view kTemporaryStart = ".gradus-", kTemporaryEnd = ".tmp";

// The process that made a temporary file; 0 for other files.
pid_t maker_of(std::string_view name) {
  if (!name.starts_with(kTemporaryStart) || !name.ends_with(kTemporaryEnd)) return 0;
  pid_t process = 0;
  const std::string_view rest = name.substr(kTemporaryStart.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), process);
  return process;
}

// A new file in `folder` under a name nobody uses: the process and a running number. Not mkstemp, whose files
// only their owner may read.
int create_temporary(const fs::path& folder, fs::path& name) {
  for (int number = 0;; ++number) {
    name = folder / fmt::format("{}{}-{}{}", kTemporaryStart, ::getpid(), number, kTemporaryEnd);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST) return fd;
  }
}

// Makes the rename last through a power cut. File systems that cannot sync a folder answer EINVAL.
void sync_folder(const fs::path& folder, const fs::path& path) {
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() && errno == EACCES) return;  // a folder may be writable but not readable
  if (!directory.is_open() || (::fsync(directory.get()) != 0 && errno != EINVAL && errno != EROFS)) {
    cannot_write(path, errno_text(errno));
  }
}

void replace_file(const fs::path& target, std::span<const std::byte> bytes, const fs::path& path) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  fs::path temporary;
  Descriptor file(create_temporary(folder, temporary));
  if (!file.is_open()) cannot_write(path, errno_text(errno));
  Cleanup cleanup(temporary);
  write_all(file, bytes, path);
  if (::fsync(file.get()) != 0) cannot_write(path, errno_text(errno));
  if (file.close() != 0) cannot_write(path, errno_text(errno));
  if (::rename(temporary.c_str(), target.c_str()) != 0) cannot_write(path, errno_text(errno));
  cleanup.dismiss();
  sync_folder(folder, path);
}

}  // namespace

std::vector<std::byte> read_file(const fs::path& path, Fault fault) try {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) cannot_read(path, fault, errno_text(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) cannot_read(path, fault, errno_text(errno));
  if (S_ISDIR(status.st_mode)) cannot_read(path, fault, "it is a folder");
  std::vector<std::byte> bytes;
  // One byte more than the size, so that the end is seen without growing. Pipes have size 0 and grow.
  bytes.resize(S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : kReadChunk);
  std::size_t filled = 0;
  for (;;) {
    if (filled == bytes.size()) bytes.resize(2 * bytes.size());
    const ssize_t count =
        ::read(file.get(), bytes.data() + filled, std::min(bytes.size() - filled, kWriteChunk));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) cannot_read(path, fault, errno_text(errno));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
} catch (const std::bad_alloc&) {
  cannot_read(path, fault, "it does not fit into memory");
}

void write_file(const fs::path& path, std::span<const std::byte> bytes) {
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) cannot_write(path, "it is a folder");
  // /dev/stdout may lead to a regular file, which somebody else still writes to.
  const bool is_device = path.native().starts_with("/dev/") && !path.native().starts_with("/dev/shm/");
  if (exists && (is_device || !S_ISREG(status.st_mode))) {
    const Descriptor device(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!device.is_open()) cannot_write(path, errno_text(errno));
    write_all(device, bytes, path);
    return;
  }
  std::error_code ignored;
  const fs::path target = exists && fs::is_symlink(path, ignored) ? fs::canonical(path, ignored) : path;
  replace_file(target.empty() ? path : target, bytes, path);
}

void write_file(const fs::path& path, std::string_view text) {
  write_file(path, std::as_bytes(std::span(text)));
}

void make_folder(const fs::path& dir) {
  std::error_code error;
  fs::create_directories(dir, error);
  require(Fault::output, !error, "{}: the folder cannot be made: {}.", dir.string(), error.message());
}

void sweep_temporaries(const fs::path& dir) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(dir, ignored)) {
    const pid_t maker = maker_of(entry.path().filename().native());
    const bool gone = maker > 0 && (maker == ::getpid() || (::kill(maker, 0) != 0 && errno == ESRCH));
    if (gone) ::unlink(entry.path().c_str());
  }
}

GrowingFile::GrowingFile(fs::path path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)) {
  if (file_ < 0) cannot_write(path_, errno_text(errno));
}

GrowingFile::~GrowingFile() {
  drain();
  ::close(file_);
}

void GrowingFile::write(std::span<const std::byte> bytes) {
  constexpr std::size_t kMostWaiting = std::size_t{64} << 10;
  const std::lock_guard held(mutex_);
  waiting_.insert(waiting_.end(), bytes.begin(), bytes.end());
  if (waiting_.size() > kMostWaiting) drain();
}

void GrowingFile::flush() {
  const std::lock_guard held(mutex_);
  if (const int error = drain()) cannot_write(path_, errno_text(error));
}

void GrowingFile::sync() {
  flush();
  // What is no regular file (a pipe, a device) has no disk: EINVAL.
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) cannot_write(path_, errno_text(errno));
}

int GrowingFile::drain() {
  std::span<const std::byte> rest(waiting_);
  const int error = write_front(file_, rest);
  waiting_.erase(waiting_.begin(), waiting_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return error;
}

}  // namespace gradus
