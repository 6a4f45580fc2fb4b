// The bytes of a checkpoint: a safetensors file in which every section has a checksum.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "train/checkpoint.h"

namespace gradus::train {

// Tensors, each a section of its own, in this order: the variables by name (weights, running statistics, the
// optimizer's moments), the best network's as "best/NAME", those to roll back to as "good/NAME", the resolved
// settings as text in "run.toml", the state as JSON in "run.json", and "checksums": of each section before
// it, over its name, type, shape and bytes. Fault::diverged: a variable that is NaN or infinite; such a
// checkpoint is never made.
std::vector<std::byte> checkpoint_bytes(const Checkpoint& checkpoint);

// Fault::model, naming `where` and the section: sections missing or changed since they were written.
Checkpoint parse_checkpoint(std::span<const std::byte> bytes, const std::string& where);
// What sections whose checksums are right hold, "checksums" left out. Fault::model: the state is missing or
// wrong.
Checkpoint checkpoint_of(const NamedTensors& sections, const std::string& where);

}  // namespace gradus::train
