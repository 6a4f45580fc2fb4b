// MNIST-style folders of IDX files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "gradus/data.h"

namespace gradus::data {

// Training and test part of a folder with train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], and,
// if present, the same with t10k ('.' before idx serves too). Images [N, H, W] get a channel: [N, 1, H, W].
Source read_idx_folder(const std::filesystem::path& folder, const std::string& where,
                       const OpenOptions& options);

// The first of `folders` that holds training images, or an empty path.
std::filesystem::path find_idx_folder(const std::vector<std::filesystem::path>& folders);

}  // namespace gradus::data
