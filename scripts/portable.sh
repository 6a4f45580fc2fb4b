#!/usr/bin/env bash
# The builds that nobody uses every day, each with the whole test suite: without oneDNN, and with clang. Also
# prints the size of the gradus program without symbols. Every build is tried; the script fails if one did.
#
#     scripts/portable.sh [no-onednn] [clang]          by default both
# clang needs the packages clang and libomp-dev beside those of scripts/install-deps.sh --tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1  # another checkout finds the same objects

# suite NAME FLAGS...: configures build/NAME, builds it with warnings as errors, and tests.
suite() {
  local name=$1 log=build/$1-build.log
  shift
  { cmake -S . -B "build/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGRADUS_WERROR=ON "${launcher[@]}" "$@" &&
    cmake --build "build/$name"; } > "$log" 2>&1 || {
    tail -n 100 "$log"
    return 1
  }
  strip -o "build/$name/stripped" "build/$name/bin/gradus"
  printf '%s: the program without symbols has %s bytes\n' "$name" "$(stat -c %s "build/$name/stripped")"
  ctest --test-dir "build/$name" -j2 --output-on-failure --no-tests=error
}

mkdir -p build
(($# > 0)) || set -- no-onednn clang
status=0
for name in "$@"; do
  printf '\n== %s\n' "$name"
  case $name in
    no-onednn) flags=(-DGRADUS_ONEDNN=OFF) ;;
    clang) flags=(-DCMAKE_CXX_COMPILER=clang++) ;;
    *)
      sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  suite "$name" "${flags[@]}" || status=1
done
exit "$status"
