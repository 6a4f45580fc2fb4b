#!/usr/bin/env bash
# How long a small network takes to compile against Gradus' public headers, and against LibTorch and dlib if
# they are installed; how fast `gradus --version` starts; how large the program is without symbols.
#     bench/compile_time.sh [BIN]          by default build/release/bin/gradus
# CXX chooses the compiler, REPEATS how often each file is compiled (3; medians are printed).
set -euo pipefail
export LC_ALL=C CCACHE_DISABLE=1
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${1:-build/release/bin/gradus}
compiler=${CXX:-g++}
repeats=${REPEATS:-3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# median COUNT COMMAND...: milliseconds of the command, the median of so many runs.
median() {
  local count=$1 start i
  shift
  for ((i = 0; i < count; i++)); do
    start=$(date +%s%N)
    "$@" > "$scratch/log" 2>&1 || { cat "$scratch/log" >&2; return 1; }
    echo $((($(date +%s%N) - start) / 1000))
  done | sort -n | awk '{a[NR] = $1} END {printf "%.1f\n", a[int((NR + 1) / 2)] / 1000}'
}

# compile TITLE FILE FLAGS...: a row of the table.
compile() {
  local title=$1 file=$2 check object
  shift 2
  check=$(median "$repeats" "$compiler" -O2 "$@" -fsyntax-only "$file")
  object=$(median "$repeats" "$compiler" -O2 "$@" -c "$file" -o "$scratch/object.o")
  awk -v t="$title" -v f="$file" -v c="$check" -v o="$object" \
    'BEGIN {printf "| %s | %s | %.2f s | %.2f s |\n", t, f, c / 1000, o / 1000}'
}

# installed HEADER FLAGS...: whether the compiler finds a header.
installed() {
  local header=$1
  shift
  echo "#include <$header>" | "$compiler" "$@" -x c++ -fsyntax-only - > "$scratch/log" 2>&1
}

echo "| library | 20-20-2 network | -fsyntax-only | -O2 -c |"
echo "| --- | --- | ---: | ---: |"
compile Gradus examples/seed_mlp.cpp -std=c++20 -Iinclude
torch=(-std=c++17 -isystem /usr/include/torch/csrc/api/include)
if installed torch/version.h "${torch[@]}"; then
  compile LibTorch bench/compile_time/libtorch.cpp "${torch[@]}"
else
  echo "compile_time: LibTorch is not installed (Debian: libtorch-dev)" >&2
fi
if installed dlib/revision.h -std=c++14; then
  compile dlib bench/compile_time/dlib.cpp -std=c++14
else
  echo "compile_time: dlib is not installed (Debian: libdlib-dev)" >&2
fi

[[ -x $program ]] || { echo "compile_time: $program is missing. Build it first." >&2; exit 1; }
start=$(median 20 "$program" --version)
strip -o "$scratch/stripped" "$program"
size=$(stat -c %s "$scratch/stripped")
echo
echo "| the program | |"
echo "| --- | ---: |"
echo "| start, \`gradus --version\` | $start ms |"
awk -v s="$size" 'BEGIN {printf "| size without symbols | %.2f MiB |\n", s / 1048576}'
