// The page's own files.
#pragma once

#include "app/board/view.h"

namespace gradus::board {

class Page : public View {
 public:
  void add_routes(Router& router) override;
};

}  // namespace gradus::board
