#include "train/part_worker.h"

#include <algorithm>

#include "runtime/arena.h"

namespace gradus::train {

namespace {

std::size_t most_bytes(const std::map<std::int64_t, PartProgram>& programs, std::size_t at_least) {
  for (const auto& [rows, part] : programs) at_least = std::max(at_least, arena_bytes(*part.program));
  return at_least;
}

}  // namespace

PartWorker::PartWorker(const std::map<std::int64_t, PartProgram>& programs, const PartRange& parts,
                       const VectorPlan& plan, std::size_t workspace_bytes)
    : range_(parts),
      workspace_(make_arena(*programs.rbegin()->second.program, most_bytes(programs, workspace_bytes))),
      sums_(plan.type, parts.count) {
  for (const auto& [rows, made] : programs) {
    Session session(made.program, {.workspace = workspace_});
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < plan.first.size(); ++i)
      pieces.push_back({session.output(made.sums + i), plan.first[i]});
    const std::size_t inputs = session.inputs() - 3;
    parts_.emplace(rows, Part{std::move(session), std::move(pieces), made.sums, inputs, made.places});
  }
}

PartWorker::Rows PartWorker::rows_of(const data::Batch& batch, std::int64_t part) const {
  const std::int64_t number = range_.first + part;
  return {data::part_begin(batch.whole, number, range_.of),
          data::part_begin(batch.whole, number + 1, range_.of)};
}

data::Batch PartWorker::inputs(std::int64_t rows) const {
  const Part& part = parts_.at(rows);
  return {.x = part.session.input(0),
          .y = part.session.input(1),
          .weight = part.inputs > 2 ? part.session.input(2) : Tensor()};
}

// Gives the weight of the part.
double PartWorker::feed(Part& part, const data::Batch& batch, const Rows& rows, const Tensor& counter) {
  const std::int64_t begin = rows.begin - batch.first, end = rows.end - batch.first;
  part.session.feed(0, batch.x.rows(begin, end));
  part.session.feed(1, batch.y.rows(begin, end));
  auto weight = static_cast<double>(rows.end - rows.begin);
  if (batch.weight.defined()) {
    part.session.feed(2, batch.weight.rows(begin, end));
    weight = 0;
    for (std::int64_t i = begin; i < end; ++i) weight += batch.weight.at(i);
  }
  part.session.input(part.inputs).set(0, weight);
  part.session.input(part.inputs + 1).set(0, static_cast<double>(batch.whole));
  const auto from = counter.values<const std::int64_t>();
  const auto numbers = part.session.input(part.inputs + 2).values<std::int64_t>();
  numbers[0] = from[0];
  numbers[1] = from[1];
  numbers[2] = rows.begin;
  return weight;
}

void PartWorker::run(const data::Batch& batch, const Tensor& counter) {
  static const std::vector<Piece> kAbsent;
  sums_.begin();
  for (std::int64_t i = 0; i < range_.count; ++i) {
    const Rows rows = rows_of(batch, i);
    if (rows.begin == rows.end) {
      sums_.add(kAbsent, {});
      continue;
    }
    Part& part = parts_.at(rows.end - rows.begin);
    const double weight = feed(part, batch, rows, counter);
    part.session.run();
    sums_.add(part.pieces, totals_of(part, rows, weight));
  }
}

Totals PartWorker::totals_of(const Part& part, const Rows& rows, double weight) const {
  Totals totals{0, weight, 0, static_cast<double>(rows.end - rows.begin)};
  totals[0] = weight * part.session.output(static_cast<std::size_t>(part.places.loss)).at(0);
  if (part.places.correct >= 0)
    totals[2] = part.session.output(static_cast<std::size_t>(part.places.correct)).at(0);
  return totals;
}

bool PartWorker::run(const data::Batch& batch, const Tensor& counter,
                     const std::function<void(std::size_t)>& made) {
  const Rows rows = rows_of(batch, 0);
  if (rows.begin == rows.end) return false;
  Part& part = parts_.at(rows.end - rows.begin);
  const double weight = feed(part, batch, rows, counter);
  part.session.run([&](std::size_t output) {
    if (output < part.sums) return;
    const std::size_t piece = output - part.sums;
    put(sums_.sum(), part.pieces[piece]);
    made(piece);
  });
  sums_.totals() = totals_of(part, rows, weight);
  return true;
}

std::optional<std::string> PartWorker::run_checked(const data::Batch& batch, const Tensor& counter) {
  for (std::int64_t i = 0; i < range_.count; ++i) {
    const Rows rows = rows_of(batch, i);
    if (rows.begin == rows.end) continue;
    Part& part = parts_.at(rows.end - rows.begin);
    feed(part, batch, rows, counter);
    if (auto where = part.session.run_checked()) return where;
  }
  run(batch, counter);
  return std::nullopt;
}

}  // namespace gradus::train
