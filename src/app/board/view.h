// One part of the page as the server sees it: its routes, and what it does from time to time.
#pragma once

#include "app/board/router.h"

namespace gradus::board {

class View {
 public:
  virtual ~View() = default;
  virtual void add_routes(Router& router) = 0;
  virtual void tick() {}  // every 250 ms, on the server's thread
};

}  // namespace gradus::board
