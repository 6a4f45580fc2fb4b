#include "app/cli/data_source.h"

#include "app/cli/choices.h"
#include "train/open_data.h"

namespace gradus::cli {

void DataSource::define(Arguments& arguments, const std::string& doc) {
  arguments.positional(spec_, "SPEC", doc + ": see 'gradus data list'", data_choices());
  arguments.group("Data");
  arguments.value(seed_, {"--seed", "N", "seed of generators and of the test split", "0"});
}

std::uint64_t DataSource::seed() const {
  train::RunConfig config;
  if (seed_) train::set_from_text(config, "seed", *seed_);
  return config.seed;
}

train::Parts DataSource::open(const std::string& more_options) const {
  return train::open_data(spec_ + more_options, {.seed = seed()}).parts;
}

}  // namespace gradus::cli
