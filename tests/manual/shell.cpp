#include "manual/shell.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>

#include "base/text.h"

namespace gradus {

bool ShellResult::has(const std::string& line) const {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

void ShellFolder::write(const std::string& name, const std::string& content) const {
  std::filesystem::create_directories((folder_ / name).parent_path());
  std::ofstream(folder_ / name, std::ios::binary) << content;
}

ShellResult ShellFolder::run(const std::string& command) const {
  ShellResult result;
  const std::string whole = "cd '" + folder_.path().string() + "' && { " + command + "\n} 2>&1 < /dev/null";
  std::FILE* pipe = ::popen(whole.c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    result.out.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.lines = parts_of(result.out, '\n');
  return result;
}

bool ShellFolder::there_is(const std::string& program) {
  return ShellFolder().run("command -v " + program).code == 0;
}

}  // namespace gradus
