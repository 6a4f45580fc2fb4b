#!/usr/bin/env bash
# What scripts/test.sh leaves out because it takes hours: every part is run, the script fails if one of them did.
#
#     scripts/check-all.sh [PART...]
#
# Parts, by default all: portable (without oneDNN; clang), tidy (clang-tidy), passes (the op table with each pass off),
# kills (of runs), package (Debian packages in a fresh Debian), tsan, coverage (gcovr), fuzz (libFuzzer).
# Beside the packages of scripts/install-deps.sh --tests it needs clang, clang-tidy, libomp-dev and gcovr.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1

portable() { bash scripts/portable.sh; }
package() { bash scripts/package.sh; }
tsan() { bash scripts/tsan.sh; }
fuzz() { bash scripts/fuzz.sh --runs 1000000 --seconds 3600; }

# build TARGET...: parts of the optimized build.
build() {
  { cmake --preset release -DGRADUS_TESTS=ON "${launcher[@]}" && cmake --build --preset release --target "$@"; } \
    > build/release-build.log 2>&1 || {
    tail -n 60 build/release-build.log
    return 1
  }
}
passes() { build test_compiled && build/release/bin/test_compiled --gtest_brief=1; }
kills() { build gradus_cli gradus_fault_shim && python3 scripts/kill_trials.py --trials 1000; }

# clang-tidy over all sources with the flags of a build by clang, so that it knows every flag.
tidy() {
  cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=clang++ -DGRADUS_TESTS=OFF \
    -DGRADUS_EXAMPLES=OFF > build/tidy-configure.log || return 1
  # Files made by the build are included by some.
  cmake --build build/tidy --target gradus_board > build/tidy-build.log 2>&1 || true
  git ls-files 'src/*.cpp' | xargs -P 2 -n 8 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' 2> build/tidy-errors.log
}

coverage() {
  cmake --preset coverage -DGRADUS_TESTS=ON "${launcher[@]}" > build/coverage-configure.log &&
    cmake --build --preset coverage > build/coverage-build.log 2>&1 &&
    ctest --test-dir build/coverage -j2 --output-on-failure --no-tests=error || return 1
  gcovr --root . --filter 'src/' --filter 'include/' --object-directory build/coverage --exclude-unreachable-branches \
    --print-summary --html build/coverage/coverage.html | tail -n 4
}

mkdir -p build
(($# > 0)) || set -- portable tidy passes kills package tsan coverage fuzz
status=0
for part in "$@"; do
  case $part in
    portable | tidy | passes | kills | package | tsan | coverage | fuzz) ;;
    *)
      sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  printf '\n== %s\n' "$part"
  "$part" || {
    printf '%s FAILED\n' "$part"
    status=1
  }
done
exit "$status"
