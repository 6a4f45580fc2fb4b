// What the sources of a run's settings share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gradus/train.h"

namespace gradus::train {

// "500steps", "2 epochs", "10minutes"; a bare number counts epochs. None for anything else.
std::optional<CheckpointEvery> parse_checkpoint_every(std::string_view text);
std::string print_checkpoint_every(const CheckpointEvery& every);

// A value, and text in quotes, as TOML writes them; numbers so that they read back exactly.
std::string toml_text(const ConfigValue& value);
std::string toml_quoted(std::string_view text);

}  // namespace gradus::train
