#include "base/file_lock.h"

#include <fcntl.h>
#include <unistd.h>

namespace gradus {
namespace {

#ifdef F_OFD_SETLK
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}
#endif

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) {
#ifdef F_OFD_SETLK
  file_ = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  struct flock lock = whole_file();
  if (file_ >= 0) ::fcntl(file_, F_OFD_SETLK, &lock);
#else
  static_cast<void>(file);
#endif
}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

bool FileLock::held(const std::filesystem::path& file) {
#ifdef F_OFD_SETLK
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  struct flock lock = whole_file();
  const bool known = ::fcntl(opened, F_OFD_GETLK, &lock) == 0;
  ::close(opened);
  return known && lock.l_type != F_UNLCK;
#else
  static_cast<void>(file);
  return false;
#endif
}

}  // namespace gradus
