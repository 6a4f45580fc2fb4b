#include "base/file.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  const auto bytes = read_file(path, Fault::data);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::ptrdiff_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

// Lets the process write files of at most so many bytes while it lives, as a full disk would.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST(File, ReadsWhatWasWritten) {
  const TemporaryFolder folder;
  std::string text = "two\nlines\n";
  text.push_back('\0');
  for (const std::string& written : {std::string(), text, std::string(3'000'000, 'x')}) {
    write_file(folder / "a", written);
    EXPECT_EQ(content(folder / "a"), written);
  }
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(File, ReadsFilesWithoutASize) {
  EXPECT_NE(content("/proc/self/status").find("Name:"), std::string::npos);
}

TEST(File, NamesThePathAndTheReasonWhenUnreadable) {
  const TemporaryFolder folder;
  const std::string missing = (folder / "missing").string();
  expect_error([&] { read_file(missing, Fault::data); }, Fault::data,
               missing + ": cannot be read: No such file or directory.");
  expect_error([&] { read_file(folder.path(), Fault::model); }, Fault::model,
               folder.path().string() + ": cannot be read: it is a folder.");
}

TEST(File, NamesThePathAndTheReasonWhenUnwritable) {
  const TemporaryFolder folder;
  const std::string deep = (folder / "missing/x").string();
  expect_error([&] { write_file(deep, "a"); }, Fault::output,
               deep + ": cannot be written: No such file or directory.");
  expect_error([&] { write_file(folder.path(), "a"); }, Fault::output,
               folder.path().string() + ": cannot be written: it is a folder.");
  expect_error([] { write_file("/dev/full", "a"); }, Fault::output,
               "/dev/full: cannot be written: No space left on device.");
}

TEST(File, KeepsTheOldFileAndNothingElseWhenWritingFails) {
  const TemporaryFolder folder;
  const fs::path path = folder / "weights";
  write_file(path, "old");
  {
    const FileSizeLimit limit(10);
    expect_error([&] { write_file(path, std::string(100, 'n')); }, Fault::output,
                 path.string() + ": cannot be written: File too large.");
  }
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(entries(folder.path()), 1);
}

TEST(File, FollowsSymbolicLinks) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "real");
  write_file(folder / "real/a", "old");
  fs::create_symlink("real/a", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content(folder / "real/a"), "new");
}

TEST(File, CreatesFilesReadableAsTheUmaskAllows) {
  const TemporaryFolder folder;
  const mode_t before = ::umask(022);
  write_file(folder / "a", "x");
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0644u);
}

TEST(File, WritesANameWithoutAFolderIntoTheCurrentOne) {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file("plain", "x");
  fs::current_path(before);
  EXPECT_EQ(content(folder / "plain"), "x");
}

TEST(GrowingFile, GoesOnAtTheEnd) {
  const TemporaryFolder folder;
  const auto add = [&](std::string_view text) {
    GrowingFile file(folder / "log");
    file.write(std::as_bytes(std::span(text)));
    file.flush();
    EXPECT_EQ(file.path(), folder / "log");
  };
  add("one\n");
  add("two\n");
  EXPECT_EQ(content(folder / "log"), "one\ntwo\n");
}

TEST(GrowingFile, SaysWhatCannotBeWritten) {
  const TemporaryFolder folder;
  expect_error([&] { GrowingFile file(folder.path()); }, Fault::output,
               folder.path().string() + ": cannot be written: Is a directory.");
  GrowingFile full("/dev/full");
  const std::string_view text = "no room";
  full.write(std::as_bytes(std::span(text)));
  expect_error([&] { full.flush(); }, Fault::output,
               "/dev/full: cannot be written: No space left on device.");
}

TEST(GrowingFile, LeavesNoGapWhereTheDiskWasFull) {
  const TemporaryFolder folder;
  GrowingFile file(folder / "log");
  const auto add = [&](std::string_view text) { file.write(std::as_bytes(std::span(text))); };
  const std::string full = (folder / "log").string() + ": cannot be written: File too large.";
  {
    const FileSizeLimit limit(6);
    add("0123");
    file.flush();
    add("4567");
    add("89");
    expect_error([&] { file.flush(); }, Fault::output, full);
    expect_error([&] { file.sync(); }, Fault::output, full);
    EXPECT_EQ(content(folder / "log"), "012345");
  }
  file.sync();
  EXPECT_EQ(content(folder / "log"), "0123456789");
}

TEST(SweepTemporaries, TakesThoseOfProcessesThatAreGone) {
  const TemporaryFolder folder;
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const auto name = [](pid_t process) { return ".gradus-" + std::to_string(process) + "-0.tmp"; };
  for (const std::string& file :
       {name(gone), name(::getpid()), name(::getppid()), std::string(".gradus-x.tmp"), std::string("a.tmp")})
    write_file(folder / file, "x");
  sweep_temporaries(folder.path());
  sweep_temporaries(folder / "none");
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder.path())) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{name(::getppid()), ".gradus-x.tmp", "a.tmp"}));
}

TEST(MakeFolder, MakesThoseAboveAndSaysWhatIsInTheWay) {
  const TemporaryFolder folder;
  make_folder(folder.path() / "a" / "b");
  make_folder(folder.path() / "a" / "b");
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a" / "b"));
  write_file(folder / "file", "");
  const std::filesystem::path below = folder / "file" / "c";
  expect_error([&] { make_folder(below); }, Fault::output,
               below.string() + ": the folder cannot be made: Not a directory.");
}

}  // namespace
}  // namespace gradus
