// Playgrounds as routes: docs/board.md.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "app/board/playground_session.h"
#include "app/board/view.h"

namespace gradus::board {

class PlaygroundApi : public View {
 public:
  void add_routes(Router& router) override;
  void tick() override;

 private:
  // Error (Fault::usage): it was closed, or never was.
  PlaygroundSession& session_of(const Request& request);
  void open(const Request& request, const Reply& reply);

  std::map<std::string, std::unique_ptr<PlaygroundSession>> sessions_;
};

}  // namespace gradus::board
