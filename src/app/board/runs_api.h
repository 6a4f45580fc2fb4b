// Runs as JSON, and news of them as events. Routes: docs/board.md.
#pragma once

#include "app/board/run_list.h"
#include "app/board/sse.h"
#include "app/board/view.h"

namespace gradus::board {

class RunsApi : public View {
 public:
  explicit RunsApi(std::filesystem::path dir);
  void add_routes(Router& router) override;
  void tick() override;
  RunList& runs() { return runs_; }

 private:
  Json summaries() const;
  void watch(RunEntry& run, std::shared_ptr<EventStream> stream);
  void tell_watchers();

  RunList runs_;
  Listeners listeners_;
  std::map<std::string, Listeners> watchers_;  // of single runs
  int ticks_ = 0;
};

}  // namespace gradus::board
