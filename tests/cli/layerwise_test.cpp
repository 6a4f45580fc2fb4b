// The script that trains layer by layer.
#include <cstdlib>

#include "cli/program.h"
#include "gradus/io.h"

namespace gradus {
namespace {

class Layerwise : public Program {};

TEST_F(Layerwise, LaterStagesLeaveEarlierLayersAloneAndTheLastTrainsAll) {
  const std::string out = path("out").string();
  const std::string command =
      "GRADUS=" GRADUS_PROGRAM " bash " GRADUS_SCRIPTS "/layerwise.sh " + out +
      " make_moons:n_samples=60 2 3 8 --epochs 2 --threads 1 --quiet > /dev/null 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  const auto tensor = [&](const std::string& run, const std::string& name) {
    for (const auto& [key, value] : io::read_safetensors(path("out/" + run + "/model.safetensors")))
      if (key == name) return value;
    return Tensor();
  };
  const Tensor first = tensor("stage-1", "layers.1.weight"), second = tensor("stage-2", "layers.3.weight");
  ASSERT_TRUE(first.defined() && second.defined());
  EXPECT_TRUE(tensor("stage-2", "layers.1.weight").same_bits(first));
  EXPECT_TRUE(tensor("stage-3", "layers.1.weight").same_bits(first));
  EXPECT_TRUE(tensor("stage-3", "layers.3.weight").same_bits(second));
  EXPECT_FALSE(tensor("joined", "layers.1.weight").same_bits(first));
  EXPECT_FALSE(tensor("joined", "layers.3.weight").same_bits(second));
}

}  // namespace
}  // namespace gradus
