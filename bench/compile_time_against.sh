#!/usr/bin/env bash
# Whether the public headers compile faster than an older commit's: seconds of `-O2 -c` of a small network, both
# compiled in turn, the first round only to warm the caches.
#     bench/compile_time_against.sh COMMIT [FILE]          by default examples/seed_mlp.cpp, the same for both
# CXX chooses the compiler, REPEATS how often each is compiled (7; medians and extremes are printed).
set -euo pipefail
export LC_ALL=C CCACHE_DISABLE=1
cd "$(dirname "${BASH_SOURCE[0]}")/.."

commit=${1:?a commit is needed}
file=${2:-examples/seed_mlp.cpp}
repeats=${REPEATS:-7}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git archive "$commit" include | tar -x -C "$scratch"

# seconds INCLUDE: of one compilation.
seconds() {
  local start
  start=$(date +%s%N)
  "${CXX:-g++}" -std=c++20 -O2 -I"$1" -c "$file" -o "$scratch/object.o"
  awk -v ns=$(($(date +%s%N) - start)) 'BEGIN {printf "%.3f\n", ns / 1e9}'
}

for ((round = 0; round <= repeats; ++round)); do
  before=$(seconds "$scratch/include")
  after=$(seconds include)
  ((round == 0)) || { echo "$before" >> "$scratch/before"; echo "$after" >> "$scratch/after"; }
done

row() { sort -n "$2" | awk -v t="$1" '{a[NR] = $1} END {printf "| %s | %.2f s | %.2f s | %.2f s |\n", t, a[int((NR + 1) / 2)], a[1], a[NR]}'; }
echo "| headers of | median | least | most |"
echo "| --- | ---: | ---: | ---: |"
row "$commit" "$scratch/before"
row "this tree" "$scratch/after"
