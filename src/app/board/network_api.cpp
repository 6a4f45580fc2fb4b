#include "app/board/network_api.h"

#include "app/board/network_json.h"
#include "base/check.h"

namespace gradus::board {
namespace {

constexpr std::int64_t kMostExamples = 60;

std::string text_of(const Request& request, const std::string& key) {
  const auto found = request.query.find(key);
  require(Fault::usage, found != request.query.end(), "{}: '{}=' was needed in the address.", request.path,
          key);
  return found->second;
}

std::int64_t number_of(const Request& request, const std::string& key) {
  return static_cast<std::int64_t>(whole_number(key, text_of(request, key)));
}

}  // namespace

void NetworkApi::add_routes(Router& router) {
  using Answer = Json (*)(LoadedNetwork&, const Request&);
  const auto add = [&](const std::string& what, Answer answer) {
    router.add("GET", "/api/runs/{name}/network" + what,
               Handler([this, answer](const Request& request, const Reply& reply) {
                 const std::filesystem::path dir = runs_.get(request.names.at("name")).dir();
                 const bool taken = worker_.post([this, answer, request, reply, dir] {
                   reply_with(reply, [&] { return json_response(answer(store_.of(dir), request)); });
                 });
                 if (!taken)
                   reply(error_response(503, "busy", "network: too many requests wait. Ask again later."));
               }));
  };
  add("", [](LoadedNetwork& network, const Request&) { return network_graph(network); });
  add("/batch", [](LoadedNetwork& network, const Request&) { return network_batch(network); });
  add("/example", [](LoadedNetwork& network, const Request& request) {
    return network_example(network, text_of(request, "part"), number_of(request, "row"));
  });
  add("/examples", [](LoadedNetwork& network, const Request& request) {
    return network_examples(network, text_of(request, "part"), number_of(request, "from"), kMostExamples);
  });
  add("/filters", [](LoadedNetwork& network, const Request& request) {
    return network_filters(network, text_of(request, "path"));
  });
  add("/maps", [](LoadedNetwork& network, const Request& request) {
    return network_maps(network, text_of(request, "path"), text_of(request, "part"),
                        number_of(request, "row"));
  });
}

}  // namespace gradus::board
