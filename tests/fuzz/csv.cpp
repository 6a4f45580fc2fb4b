#include "fuzz.h"
#include "gradus/data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gradus;
  const FuzzFile file(data, size);
  return fuzz([&] {
    // The schema of a file takes the file itself.
    const data::CsvData table = data::read_csv(file.path(), data::CsvOptions{.missing = data::Missing::mean});
    data::read_csv(file.path(), table.schema);
  });
}
