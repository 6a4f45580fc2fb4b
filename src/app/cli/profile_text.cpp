#include "app/cli/profile_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace gradus::cli {

namespace {

using Align = TextTable::Align;

constexpr std::size_t kShownInstructions = 15;

std::string rows_text(const std::vector<ProfileRow>& rows, std::size_t shown, const std::string& title) {
  double total = 0;
  for (const ProfileRow& row : rows) total += row.seconds;
  TextTable table({{title},
                   {"calls", Align::right},
                   {"us", Align::right},
                   {"share", Align::right},
                   {"GFLOP/s", Align::right},
                   {"GB/s", Align::right}});
  for (std::size_t i = 0; i < std::min(shown, rows.size()); ++i) {
    const ProfileRow& row = rows[i];
    const auto rate = [&](double amount) { return fmt::format("{:.1f}", 1e-9 * amount / row.seconds); };
    table.row({row.kernel, std::to_string(row.instructions), fmt::format("{:.1f}", 1e6 * row.seconds),
               share(row.seconds / total), row.flops > 0 ? rate(row.flops) : "", rate(row.bytes)});
  }
  return table.str();
}

}  // namespace

std::string step_time(double ms) {
  return ms < 0.1 ? fmt::format("{:.2f} us", 1e3 * ms) : fmt::format("{:.3g} ms", ms);
}

std::string profile_text(const std::string& title, const train::StepProfile& profile) {
  return fmt::format("{}: {} a step of {}, {} instructions\n\n{}\n{}", title, step_time(profile.step_ms),
                     counted(profile.batch, "example"), profile.by_instruction.size(),
                     rows_text(profile.by_kernel, profile.by_kernel.size(), "kernel"),
                     rows_text(profile.by_instruction, kShownInstructions, "dearest instructions"));
}

}  // namespace gradus::cli
