// A trained model asked from several threads at once: one Predictor, loaded once, shared by all.
//     serve [DIR]     a run's folder; without it a small model is trained first
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <vector>

#include "gradus/inference.h"

using namespace gradus;

namespace {

void train_into(const std::filesystem::path& dir) {
  train::RunConfig config;
  for (const auto& [key, value] : {std::pair{"data", "make_moons:n_samples=400,noise=0.1,seed=1"},
                                   {"epochs", "60"},
                                   {"lr", "0.01"},
                                   {"threads", "1"}})
    train::set_from_text(config, key, value);
  config.out = dir.string();
  train::train(config);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path own = std::filesystem::temp_directory_path() / "gradus-serve";
  const std::filesystem::path dir = argc > 1 ? std::filesystem::path(argv[1]) : own;
  if (argc <= 1) {
    std::filesystem::remove_all(own);
    train_into(own);
  }
  const train::Predictor predictor(dir);
  const data::Dataset questions = data::make_moons({.n_samples = {200}, .noise = 0.1, .seed = 2});

  constexpr int kThreads = 4;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = t; i < questions.size(); i += kThreads) {  // one question at a time
        const train::Predictions answer = predictor.predict(questions.x.rows(i, i + 1));
        right += answer.classes[0] == static_cast<std::int64_t>(questions.y.at(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%d threads asked %lld questions, %d answers were right\n", kThreads,
              static_cast<long long>(questions.size()), right.load());
  if (argc <= 1) std::filesystem::remove_all(own);
}
