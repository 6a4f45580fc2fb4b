// make_classification: Gaussian clusters about the vertices of a hypercube (Guyon 2003, the MADELON data).
#include <cmath>
#include <unordered_map>

#include "base/check.h"
#include "data/draw.h"

namespace gradus::data {
namespace {

using Options = ClassificationOptions;

constexpr std::int64_t kMaxBits = 30;  // of a vertex; further ones need not tell vertices apart

void check(const Options& o) {
  require(Fault::usage, o.n_informative >= 1 && o.n_redundant >= 0 && o.n_repeated >= 0,
          "make_classification: n_informative must be 1 or more, n_redundant and n_repeated 0 or more, got "
          "{}, {}, {}.",
          o.n_informative, o.n_redundant, o.n_repeated);
  require(Fault::usage, o.n_classes >= 1 && o.n_clusters_per_class >= 1,
          "make_classification: n_classes and n_clusters_per_class must be 1 or more, got {} and {}.",
          o.n_classes, o.n_clusters_per_class);
  // Compared one by one, so that huge numbers do not overflow the sum.
  const bool fits = o.n_informative <= o.n_features && o.n_redundant <= o.n_features - o.n_informative &&
                    o.n_repeated <= o.n_features - o.n_informative - o.n_redundant;
  require(Fault::usage, fits,
          "make_classification: n_informative ({}), n_redundant ({}) and n_repeated ({}) together must be at "
          "most "
          "n_features ({}).",
          o.n_informative, o.n_redundant, o.n_repeated, o.n_features);
  const std::int64_t vertices = std::int64_t{1} << std::min(o.n_informative, kMaxBits);
  require(Fault::usage, o.n_classes <= vertices / o.n_clusters_per_class,
          "make_classification: n_classes ({}) times n_clusters_per_class ({}) must be at most "
          "2^n_informative ({}).",
          o.n_classes, o.n_clusters_per_class, vertices);
  const auto given = static_cast<std::int64_t>(o.weights.size());
  require(Fault::usage, given == 0 || given == o.n_classes || given == o.n_classes - 1,
          "make_classification: weights needs {} or {} shares for {} classes, got {}.", o.n_classes - 1,
          o.n_classes, o.n_classes, given);
  double sum = 0.0;
  for (const double weight : o.weights) {
    require(Fault::usage, weight >= 0.0 && weight <= 1.0,
            "make_classification: weights must lie in 0 to 1, got {}.", weight);
    sum += weight;
  }
  require(Fault::usage, sum <= 1.0 + 1e-9,
          "make_classification: weights must sum to at most 1, they sum to {}.", sum);
  require(Fault::usage,
          o.flip_y <= 1.0 && std::isfinite(o.class_sep) && std::isfinite(o.shift.value_or(0.0)) &&
              std::isfinite(o.scale.value_or(1.0)),
          "make_classification: flip_y must be at most 1, class_sep, shift and scale finite.");
}

std::vector<std::int64_t> cluster_sizes(const Options& o) {
  std::vector<double> weights = o.weights;
  if (weights.empty())
    weights.assign(static_cast<std::size_t>(o.n_classes), 1.0 / static_cast<double>(o.n_classes));
  if (static_cast<std::int64_t>(weights.size()) < o.n_classes) {
    double sum = 0.0;
    for (const double weight : weights) sum += weight;
    weights.push_back(std::max(1.0 - sum, 0.0));
  }
  const auto clusters = static_cast<std::size_t>(o.n_classes * o.n_clusters_per_class);
  std::vector<std::int64_t> sizes;
  std::int64_t left = o.n_samples;
  for (std::size_t k = 0; k < clusters; ++k) {
    const double exact = static_cast<double>(o.n_samples) * weights[k % weights.size()] /
                         static_cast<double>(o.n_clusters_per_class);
    sizes.push_back(std::min(left, static_cast<std::int64_t>(exact)));
    left -= sizes.back();
  }
  for (std::size_t k = 0; left > 0; k = (k + 1) % clusters, --left) ++sizes[k];
  return sizes;
}

// `count` distinct numbers below `bound`, drawn as scikit-learn draws them: in random order (the first
// entries of a Fisher-Yates shuffle, of which only the touched ones are stored), but nearly all of them by
// reservoir sampling, which keeps them in counting order when all are taken.
std::vector<std::uint64_t> draw_distinct(std::uint64_t count, std::uint64_t bound,
                                         const RandomSequence& random) {
  std::vector<std::uint64_t> result;
  if (static_cast<double>(count) < 0.99 * static_cast<double>(bound)) {
    std::unordered_map<std::uint64_t, std::uint64_t> moved;
    const auto at = [&](std::uint64_t i) {
      const auto found = moved.find(i);
      return found == moved.end() ? i : found->second;
    };
    for (std::uint64_t k = 0; k < count; ++k) {
      const std::uint64_t other = k + random.below(k, bound - k);
      result.push_back(at(other));
      moved[other] = at(k);
    }
    return result;
  }
  for (std::uint64_t i = 0; i < count; ++i) result.push_back(i);
  for (std::uint64_t i = count; i < bound; ++i) {
    const std::uint64_t place = random.below(i, i + 1);
    if (place < count) result[place] = i;
  }
  return result;
}

// Distinct vertices of the {0, 1} hypercube, [clusters][bit], the highest bit first; bits beyond 30 come
// first and are random.
std::vector<std::vector<double>> draw_vertices(std::size_t clusters, std::int64_t dimensions,
                                               const RandomSequence& random) {
  const std::int64_t bits = std::min(dimensions, kMaxBits);
  const std::uint64_t bound = std::uint64_t{1} << bits;
  std::vector<std::vector<double>> result;
  std::uint64_t index = bound;  // draws behind those of the vertices
  for (const std::uint64_t vertex : draw_distinct(clusters, bound, random)) {
    std::vector<double>& corner = result.emplace_back();
    for (std::int64_t bit = dimensions; bit > bits; --bit) {
      corner.push_back(static_cast<double>(random.below(index++, 2)));
    }
    for (std::int64_t bit = bits; bit > 0; --bit) {
      corner.push_back(static_cast<double>((vertex >> (bit - 1)) & 1));
    }
  }
  return result;
}

std::vector<std::vector<double>> draw_centroids(const Options& o) {
  const auto clusters = static_cast<std::size_t>(o.n_classes * o.n_clusters_per_class);
  auto centroids = draw_vertices(clusters, o.n_informative, draws(o.seed, Draw::centers));
  const RandomSequence random = draws(o.seed, Draw::coefficients);
  for (std::size_t k = 0; k < clusters; ++k) {
    for (std::size_t j = 0; j < centroids[k].size(); ++j) {
      centroids[k][j] = (2.0 * centroids[k][j] - 1.0) * o.class_sep;
      if (!o.hypercube) centroids[k][j] *= random.uniform(k) * random.uniform(clusters + j);
    }
  }
  return centroids;
}

// The generator at work on its rows x [N, D].
struct Maker {
  const Options& o;
  std::span<double> x;
  std::span<std::int64_t> y;
  std::size_t rows, width, informative, redundant, repeated;

  // Within each cluster normal numbers are mixed by a random matrix and moved to the centroid.
  void clusters() {
    const auto centroids = draw_centroids(o);
    const auto sizes = cluster_sizes(o);
    const RandomSequence normals = draws(o.seed, Draw::features);
    const RandomSequence mixing = draws(o.seed, Draw::mixing);
    std::size_t row = 0;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
      for (std::int64_t i = 0; i < sizes[k]; ++i, ++row) {
        double* to = x.data() + row * width;
        for (std::size_t j = 0; j < informative; ++j) to[j] = centroids[k][j];
        for (std::size_t a = 0; a < informative; ++a) {
          const double normal = normals.normal(row * width + a);
          for (std::size_t j = 0; j < informative; ++j) {
            to[j] += normal * (2.0 * mixing.uniform((k * informative + a) * informative + j) - 1.0);
          }
        }
        y[row] = static_cast<std::int64_t>(k) % o.n_classes;
      }
    }
  }

  void other_features() {
    const RandomSequence mixing = draws(o.seed, Draw::redundancy);
    const RandomSequence repeats = draws(o.seed, Draw::repeats);
    const RandomSequence normals = draws(o.seed, Draw::features);
    const std::size_t useful = informative + redundant;
    for (std::size_t row = 0; row < rows; ++row) {
      double* to = x.data() + row * width;
      for (std::size_t j = 0; j < redundant; ++j) {
        for (std::size_t a = 0; a < informative; ++a) {
          to[informative + j] += to[a] * (2.0 * mixing.uniform(a * redundant + j) - 1.0);
        }
      }
      for (std::size_t j = 0; j < repeated; ++j) {
        // Rounded, not drawn evenly: the first and the last feature are half as likely as the others.
        to[useful + j] =
            to[static_cast<std::size_t>(static_cast<double>(useful - 1) * repeats.uniform(j) + 0.5)];
      }
      for (std::size_t j = useful + repeated; j < width; ++j) to[j] = normals.normal(row * width + j);
    }
  }

  void flip_labels() {
    const RandomSequence flips = draws(o.seed, Draw::flips);
    const RandomSequence labels = draws(o.seed, Draw::labels);
    for (std::size_t row = 0; row < rows; ++row) {
      if (flips.uniform(row) >= o.flip_y) continue;
      y[row] = static_cast<std::int64_t>(labels.below(row, static_cast<std::uint64_t>(o.n_classes)));
    }
  }

  void shift_scale_and_order() {
    const RandomSequence shifts = draws(o.seed, Draw::shifts);
    const RandomSequence scales = draws(o.seed, Draw::scales);
    std::vector<std::int64_t> order(width);
    permute(order, draws(o.seed, Draw::columns));
    std::vector<double> old(width);
    for (std::size_t row = 0; row < rows; ++row) {
      double* to = x.data() + row * width;
      for (std::size_t j = 0; j < width; ++j) {
        const double shift = o.shift.value_or((2.0 * shifts.uniform(j) - 1.0) * o.class_sep);
        const double scale = o.scale.value_or(1.0 + 100.0 * scales.uniform(j));
        old[j] = (to[j] + shift) * scale;
      }
      for (std::size_t j = 0; j < width; ++j) to[j] = old[o.shuffle ? static_cast<std::size_t>(order[j]) : j];
    }
  }
};

}  // namespace

Dataset make_classification(const ClassificationOptions& options) {
  check(options);
  const Tensor x = make_table("make_classification", options.n_samples, options.n_features);
  const Tensor y(DType::i64, Shape{options.n_samples});
  const auto count = [](std::int64_t n) { return static_cast<std::size_t>(n); };
  Maker maker{options,
              x.values<double>(),
              y.values<std::int64_t>(),
              count(options.n_samples),
              count(options.n_features),
              count(options.n_informative),
              count(options.n_redundant),
              count(options.n_repeated)};
  maker.clusters();
  maker.other_features();
  maker.flip_labels();
  maker.shift_scale_and_order();
  return finish(x, y, options.n_classes, options.shuffle, options.seed);
}

}  // namespace gradus::data
