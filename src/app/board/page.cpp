#include "app/board/page.h"

#include "app/board/assets.h"

namespace gradus::board {
namespace {

Response asset_response(const Asset& asset) {
  Response response;
  response.type = asset.type;
  response.still = asset.bytes;
  response.headers = {{"Cache-Control", "no-cache"}};
  return response;
}

}  // namespace

void Page::add_routes(Router& router) {
  for (const Asset& asset : assets()) {
    const auto answer = [&asset](const Request&) { return asset_response(asset); };
    router.add("GET", asset.path, answer);
    if (asset.path == "/index.html") router.add("GET", "/", answer);
  }
}

}  // namespace gradus::board
