// A run's network, looked at through the library's own programs. Routes: docs/board.md.
#pragma once

#include "app/board/network_store.h"
#include "app/board/run_list.h"
#include "app/board/view.h"
#include "app/board/worker.h"

namespace gradus::board {

class NetworkApi : public View {
 public:
  // `runs` are those of another view, which outlives this one; asked on the server's thread only.
  explicit NetworkApi(RunList& runs) : runs_(runs) {}
  void add_routes(Router& router) override;

 private:
  RunList& runs_;
  NetworkStore store_;           // the worker's
  Worker worker_{kMostWaiting};  // ends before the store

  static constexpr std::size_t kMostWaiting = 16;
};

}  // namespace gradus::board
