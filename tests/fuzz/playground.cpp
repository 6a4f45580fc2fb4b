#include "app/board/playground_settings.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  const auto json = board::Json::parse(text(data, size), nullptr, false);
  if (json.is_discarded()) return 0;
  return fuzz([&] {
    const board::PlaygroundSettings settings = board::parse_playground(json);
    const FuzzFile csv(reinterpret_cast<const std::uint8_t*>(settings.csv.data()), settings.csv.size());
    board::playground_run(settings, csv.path());
  });
}
