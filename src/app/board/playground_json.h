// The playground's engine as JSON: docs/board.md has the fields.
#pragma once

#include <cstdint>
#include <optional>

#include "app/board/playground_engine.h"

namespace gradus::board {

// Lists of numbers: as JSON, which tests and people read; or as base64 of little-endian f32, which a page
// that is told twenty times a second reads faster, and exactly as the engine has them.
enum class Numbers { plain, packed };

// What one set of settings has from its first step to its last: layers, parameters, examples.
Json playground_setup(const PlaygroundEngine& engine);

// Where the run stands: scores, the plane, and of the next step every unit and weight with its gradient.
// `example`: the one of the next step's batch whose units are given; none: their mean over the batch. One
// beyond the batch is taken as its last.
Json playground_state(PlaygroundEngine& engine, std::optional<std::int64_t> example, Numbers numbers);

// The next step written out, phase by phase: forward, loss, backward, update.
Json playground_phases(PlaygroundEngine& engine, std::optional<std::int64_t> example);

}  // namespace gradus::board
