// --on-nan: what becomes of a run one of whose steps makes a NaN.
#include <gtest/gtest.h>

#include <atomic>

#include "gradus/error.h"
#include "gradus/io.h"
#include "support/temporary_folder.h"
#include "support/thread_ranks.h"
#include "tensor/finite.h"
#include "train/checkpoint.h"
#include "train/runs.h"

namespace gradus::train {
namespace {

namespace fs = std::filesystem;

class NotFinite : public ::testing::Test {
 protected:
  // 64 examples in 4 batches; one has numbers so large that a step with it overflows, once in each epoch.
  void SetUp() override {
    Tensor x(DType::f32, Shape{64, 2}), y(DType::i64, Shape{64});
    for (std::int64_t i = 0; i < 64; ++i) {
      x.rows(i, i + 1).fill(i % 2 ? 1 + static_cast<double>(i) / 64 : -1);
      y.rows(i, i + 1).fill(static_cast<double>(i % 2));
    }
    x.rows(40, 41).fill(3e38);
    io::write_npz(folder_ / "d.npz", {{"x", x}, {"y", y}});
  }

  RunConfig config(const std::string& policy, const std::string& out = "") const {
    RunConfig c = config_of({{"data", "npz:" + (folder_ / "d.npz").string()},
                             {"epochs", "5"},
                             {"batch_size", "16"},
                             {"lr", "0.01"},
                             {"log_every", "1"},
                             {"health_every", "3"},
                             {"threads", "1"},
                             {"on_nan", policy}});
    if (!out.empty()) c.out = (folder_ / out).string();
    c.layers = nn::parse_model("layers = [{ dense = 8 }, 'batch_norm', 'relu', { dense = 2 }]", "small.toml");
    return c;
  }

  static RunConfig with_steps(RunConfig c, std::int64_t steps) {
    c.epochs.reset();
    c.steps = steps;
    return c;
  }

  // The events of a run that gets to its end.
  static std::vector<NotFiniteEvent> events_of(const RunConfig& c) {
    std::vector<NotFiniteEvent> seen;
    Events events;
    events.not_finite = [&](const NotFiniteEvent& e) { seen.push_back(e); };
    train(c, events);
    return seen;
  }

  static std::string message_of(const RunConfig& c) {
    try {
      train(c);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::diverged) << error.what();
      return error.what();
    }
    ADD_FAILURE() << "the run went on";
    return "";
  }

  std::string model(const std::string& run) const { return read_text(folder_ / run / "model.safetensors"); }

  std::string history(const std::string& run) const {
    std::string text;
    std::ifstream stream(folder_ / run / "history.jsonl");
    for (std::string line; std::getline(stream, line);)
      if (line.find("\"finish\"") == std::string::npos)
        text += line.substr(0, line.find("\"seconds\"")) + "\n";
    return text;
  }

  // Stops it after a step, and lets it go on.
  void cut_and_resume(RunConfig c, std::int64_t step) const {
    std::atomic<bool> stop = false;
    Events events;
    events.step_interval_ms = 0;
    events.step = [&](const StepEvent& e) { stop = e.step == step; };
    ASSERT_TRUE(train(c, events, &stop).interrupted);
    set_from_text(c, "resume", "true");
    EXPECT_EQ(train(c).resumed_from_step, step);
  }

  TemporaryFolder folder_;
};

TEST_F(NotFinite, StopsByDefault) {
  const std::string message = message_of(config("stop"));
  EXPECT_EQ(message.rfind("train: step ", 0), 0u) << message;
  EXPECT_NE(message.find("(epoch 1)"), std::string::npos) << message;
}

TEST_F(NotFinite, SkipUndoesTheStepAndNothingElse) {
  const std::vector<NotFiniteEvent> seen = events_of(config("skip", "whole"));
  ASSERT_EQ(seen.size(), 5u) << "one batch of each epoch";
  const NotFiniteEvent& first = seen.front();
  EXPECT_EQ(first.did, "skip");
  EXPECT_EQ(first.back_to, first.step - 1);
  EXPECT_EQ(first.lr, 0.01);
  EXPECT_NE(first.cause.find(" in layers."), std::string::npos) << first.cause;
  // With the bad step the weights are those of the steps before it.
  ASSERT_GT(first.step, 1) << "choose another seed";
  train(with_steps(config("stop", "before"), first.step - 1));
  train(with_steps(config("skip", "with"), first.step));
  EXPECT_EQ(model("with"), model("before"));
  EXPECT_NE(model("whole"), model("before"));
  EXPECT_NE(history("whole").find("{\"type\":\"not_finite\",\"step\":" + std::to_string(first.step) + ","),
            std::string::npos);
}

TEST_F(NotFinite, RanksLeaveOutTheSameSteps) {
  for (const std::string policy : {"skip", "rollback"}) {
    RunConfig c = config(policy, policy + "_alone");
    c.shards = 2;
    train(c);
    c.out = (folder_ / (policy + "_ranks")).string();
    run_ranks(2, [&](Communicator& mine) { train(c, {}, nullptr, nullptr, &mine); });
    EXPECT_EQ(model(policy + "_ranks"), model(policy + "_alone"));
  }
}

TEST_F(NotFinite, RollbackGoesBackWithHalfTheRate) {
  const std::vector<NotFiniteEvent> seen = events_of(config("rollback", "whole"));
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen.front().did, "rollback");
  EXPECT_EQ(seen.front().back_to, 0);
  EXPECT_EQ(seen.front().lr, 0.005);
  EXPECT_EQ(seen.back().lr, 0.01 / 32);
  // Right after it the weights are those of the start.
  RunConfig c = with_steps(config("rollback", "with"), seen.front().step);
  const Prepared fresh = prepare(c);
  train(c);
  const Model trained = load_model(folder_ / "with");
  for (std::size_t i = 0; i < fresh.model.network.parameters().size(); ++i)
    EXPECT_TRUE(
        trained.network.parameters()[i].value().same_bits(fresh.model.network.parameters()[i].value()));
}

TEST_F(NotFinite, ResumedRunsEndInTheSameBits) {
  for (const std::string policy : {"skip", "rollback"}) {
    const std::string whole = policy + "-whole", cut = policy + "-cut";
    const std::vector<NotFiniteEvent> seen = events_of(config(policy, whole));
    ASSERT_FALSE(seen.empty());
    const std::int64_t after = seen[1].step % 4 == 0 ? seen[1].step + 1 : seen[1].step - 1;
    cut_and_resume(config(policy, cut), after);
    EXPECT_EQ(model(cut), model(whole)) << policy;
    EXPECT_EQ(history(cut), history(whole)) << policy;
  }
}

TEST_F(NotFinite, NoCheckpointHoldsOne) {
  RunConfig c = config("rollback", "run");
  set_from_text(c, "checkpoint_every", "1steps");
  events_of(c);
  const std::optional<Checkpoint> last = read_latest_checkpoint(folder_ / "run");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->state.left_out, 5);
  EXPECT_EQ(last->state.rollbacks, 5);
  EXPECT_FALSE(last->good.empty());
  for (const auto* part : {&last->variables, &last->good})
    for (const auto& [name, tensor] : *part) EXPECT_TRUE(all_finite(tensor)) << name;
}

TEST_F(NotFinite, EndsWhereNothingHelps) {
  RunConfig c = config("skip");
  set_from_text(c, "batch_size", "full");
  EXPECT_NE(message_of(c).find("but every step of the epoch was left out; the last came from "),
            std::string::npos);
  c = config("rollback");
  set_from_text(c, "epochs", "20");
  EXPECT_NE(message_of(c).find("but 10 rollbacks did not help"), std::string::npos);
  // Weights that explode stay where they were, step after step.
  c = config("skip");
  set_from_text(c, "data", "make_moons:n_samples=400");
  set_from_text(c, "optimizer", "sgd");
  set_from_text(c, "lr", "1e38");
  EXPECT_NE(message_of(c).find("but 20 steps in a row were left out"), std::string::npos);
}

}  // namespace
}  // namespace gradus::train
