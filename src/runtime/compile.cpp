#include "compiler/compile.h"

#include <algorithm>

#include "base/parallel.h"
#include "gradus/compile.h"
#include "gradus/ops.h"
#include "kernels/backends.h"
#include "kernels/kernels.h"
#include "ops/support/parts.h"
#include "runtime/rank_kernels.h"

namespace gradus {

std::shared_ptr<const Program> compile(const Graph& graph, const CompileOptions& options) {
  const bool fast = options.kernels == CompileOptions::fast;
  KernelSet kernels = fast ? fast_kernels() : reference_kernels();
  if (options.ranks != nullptr) add_rank_kernels(kernels, *options.ranks);
  const int threads = options.threads > 0 ? options.threads : hardware_threads();
  const ThreadScope scope(threads);  // libraries prepare their kernels for the threads they see
  return compile_graph(graph, {.kernels = &kernels,
                               .threads = threads,
                               .disabled = options.disabled_passes,
                               .watch = options.watch,
                               .mover = {transpose, reshape},
                               .slice = part_along,
                               .cast = options.bf16 ? gradus::cast : nullptr,
                               .fusion = fast ? fuse_rules() : FuseRules(),
                               .strip_bytes = options.strip_bytes});
}

bool has_fast_bf16() {
  const std::vector<Backend> all = backends();
  return std::any_of(all.begin(), all.end(), [](const Backend& backend) { return backend.bf16; });
}

std::string describe(const Program& program) { return program.str(); }
std::size_t arena_bytes(const Program& program) { return program.arena_bytes; }

namespace detail {

struct FunctionCore::State {
  CompileOptions options;
  std::vector<std::pair<std::vector<Type>, std::unique_ptr<Session>>> sessions;

  Session& session(std::span<const Tensor* const> arguments,
                   const std::function<Values(const Values&)>& trace);
};

Session& FunctionCore::State::session(std::span<const Tensor* const> arguments,
                                      const std::function<Values(const Values&)>& trace) {
  const auto fits = [&](const std::vector<Type>& types) {
    return std::equal(types.begin(), types.end(), arguments.begin(), arguments.end(),
                      [](const Type& type, const Tensor* tensor) { return type == tensor->type(); });
  };
  for (auto& [types, session] : sessions) {
    if (fits(types)) return *session;
  }
  Graph graph;
  std::vector<Type> types;
  Values inputs;
  for (const Tensor* tensor : arguments) {
    types.push_back(tensor->type());
    inputs.push_back(input(graph, tensor->type(), "argument" + std::to_string(inputs.size())));
  }
  const Values results = trace(inputs);
  for (std::size_t i = 0; i < results.size(); ++i) graph.output(results[i], "result" + std::to_string(i));
  sessions.emplace_back(std::move(types), std::make_unique<Session>(compile(graph, options)));
  return *sessions.back().second;
}

FunctionCore::FunctionCore(CompileOptions options)
    : state_(std::make_unique<State>(State{std::move(options), {}})) {}
FunctionCore::~FunctionCore() = default;
FunctionCore::FunctionCore(FunctionCore&&) noexcept = default;
FunctionCore& FunctionCore::operator=(FunctionCore&&) noexcept = default;

const Session& FunctionCore::run(std::span<const Tensor* const> arguments,
                                 const std::function<Values(const Values&)>& trace) {
  Session& session = state_->session(arguments, trace);
  for (std::size_t i = 0; i < arguments.size(); ++i) session.feed(i, *arguments[i]);
  session.run();
  return session;
}

}  // namespace detail
}  // namespace gradus
