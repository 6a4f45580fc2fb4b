#include "cli/program.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

namespace gradus {
namespace {

struct Stream {
  int read_end = -1, write_end = -1;
};

Stream make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) ADD_FAILURE() << "pipe";
  return {ends[0], ends[1]};
}

Stream make_terminal() {
  Stream stream;
  winsize size{};
  size.ws_col = 120;
  size.ws_row = 40;
  if (::openpty(&stream.read_end, &stream.write_end, nullptr, nullptr, &size) != 0)
    ADD_FAILURE() << "openpty";
  return stream;
}

[[noreturn]] void become(const Words& words, const CallOptions& options, const std::string& folder, int out,
                         int err) {
  if (::chdir(folder.c_str()) != 0) ::_exit(99);
  if (!options.output_file.empty()) out = ::open(options.output_file.c_str(), O_WRONLY | O_CREAT, 0600);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  for (const char* name : {"NO_COLOR", "LC_ALL", "LANG", "COLUMNS"}) ::unsetenv(name);
  ::setenv("LC_CTYPE", "C.UTF-8", 1);
  ::setenv("TERM", "xterm", 1);
  ::setenv("OMP_NUM_THREADS", "1", 0);
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv = {const_cast<char*>(GRADUS_PROGRAM)};
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execv(GRADUS_PROGRAM, argv.data());
  ::_exit(98);
}

// Reads both streams to their ends, so that neither can fill up and block the program.
void drain(const Stream& out, const Stream& err, Outcome& outcome, pid_t child, const CallOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  bool interrupts = options.interrupt_after_ms > 0;
  std::array<pollfd, 2> sources = {pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0}};
  std::array<std::string*, 2> texts = {&outcome.out, &outcome.err};
  while (sources[0].fd >= 0 || sources[1].fd >= 0) {
    const auto elapsed = std::chrono::steady_clock::now() - start;
    if (interrupts && elapsed >= std::chrono::milliseconds(options.interrupt_after_ms)) {
      ::kill(child, options.interrupt_with);
      interrupts = false;
    }
    if (::poll(sources.data(), sources.size(), 10) <= 0) continue;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (sources[i].fd < 0 || sources[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t count = ::read(sources[i].fd, buffer.data(), buffer.size());
      if (count > 0)
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      else
        sources[i].fd = -1;  // the end; of a terminal, an error
    }
  }
}

}  // namespace

Outcome Program::gradus(const Words& words, const CallOptions& options) const {
  const Stream out = make_pipe();
  const Stream err = options.terminal ? make_terminal() : make_pipe();
  const pid_t child = ::fork();
  if (child == 0) become(words, options, folder_.path().string(), out.write_end, err.write_end);
  ::close(out.write_end);
  ::close(err.write_end);
  Outcome outcome;
  drain(out, err, outcome, child, options);
  ::close(out.read_end);
  ::close(err.read_end);
  int status = 0;
  ::waitpid(child, &status, 0);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

std::string Program::output(const Words& words) const {
  const Outcome outcome = gradus(words);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  return outcome.out;
}

nlohmann::json Program::json(const Words& words) const {
  const std::string text = output(words);
  nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  EXPECT_FALSE(value.is_discarded()) << "no JSON: " << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
  return value;
}

void Program::write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories(path(name).parent_path());
  std::ofstream(path(name), std::ios::binary) << content;
}

std::string Program::read(const std::string& name) const {
  std::ifstream file(path(name), std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Program::list(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path(name))) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> keys(const nlohmann::ordered_json& object) {
  std::vector<std::string> names;
  for (const auto& [name, value] : object.items()) names.push_back(name);
  return names;
}

}  // namespace gradus
