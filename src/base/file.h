// Whole files: read at once, written so that a reader never sees half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "gradus/error.h"

namespace gradus {

// All bytes of a file. Throws Error(fault) "PATH: cannot be read: REASON." also for folders.
std::vector<std::byte> read_file(const std::filesystem::path& path, Fault fault);

// Replaces `path` by `bytes` in one step: a temporary file beside it is written, synced and renamed, so after
// a failure (Error, Fault::output, "PATH: cannot be written: REASON.") the old file is there unchanged and
// nothing else is. A symbolic link is followed; devices and pipes are written to as they are.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace gradus
