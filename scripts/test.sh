#!/usr/bin/env bash
# Everything continuous integration checks: layers, format, the test suite on an optimized build, and the suite
# again under AddressSanitizer and UBSan. Every part is run; the script fails if one of them did.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

launcher=()
results=()
status=0

# Runs one part and remembers how it ended; the exit code is the first failure's.
part() {
  local title=$1 code=0
  shift
  printf '\n== %s\n' "$title"
  "$@" || code=$?
  if ((code == 0)); then
    results+=("ok      $title")
  else
    results+=("FAILED  $title")
    ((status != 0)) || status=$code
  fi
}

# suite PRESET: configures, builds and tests. GRADUS_TESTS is named because an earlier build may have left it off.
suite() {
  local preset=$1
  cmake --preset "$preset" -DGRADUS_TESTS=ON -DGRADUS_EXAMPLES=ON "${launcher[@]}" > "build/$preset-configure.log" || {
    cat "build/$preset-configure.log"
    return 1
  }
  cmake --build --preset "$preset" > "build/$preset-build.log" 2>&1 || {
    tail -n 100 "build/$preset-build.log"
    return 1
  }
  ctest --preset "$preset" -j2 --no-tests=error
}

mkdir -p build
bash scripts/install-deps.sh --tests || exit 1
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1  # another checkout finds the same objects

# Without this UBSan only prints what it finds and the test passes.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

part "layers and file lengths" python3 scripts/check_layers.py
part "format" bash scripts/format.sh --check
part "test suite under the sanitizers" suite asan
part "test suite" suite release

printf '\n== summary\n'
printf '%s\n' "${results[@]}"
exit "$status"
