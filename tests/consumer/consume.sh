#!/usr/bin/env bash
# Builds tests/consumer/project against an installed Gradus, and runs it.
#
#     tests/consumer/consume.sh WAY PREFIX
#
# WAY: cmake-shared, cmake-static, pkgconfig-shared, pkgconfig-static. PREFIX: where Gradus is installed; /usr is where
# everything is found by itself. CXX names the compiler.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/project" && pwd)
way=$1 prefix=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The folder of libgradus.a: lib, or lib/x86_64-linux-gnu as Debian has it.
archive=$(find "$prefix"/lib* -maxdepth 2 -name libgradus.a | sed -n 1p)
[[ -n $archive ]] || { echo "consume: there is no libgradus.a under $prefix." >&2; exit 1; }
libraries=$(dirname "$archive")
export PKG_CONFIG_PATH=$libraries/pkgconfig

# build_with_pkgconfig NAME: in one line, as from a shell.
build_with_pkgconfig() {
  local flags
  flags=$(pkg-config --cflags --libs "$1")
  # Words on purpose.
  # shellcheck disable=SC2086
  "${CXX:-c++}" -std=c++20 -O1 -Wall -Wextra -Werror "$project/main.cpp" -o "$work/consumer" $flags
}

build_with_cmake() {
  { cmake -S "$project" -B "$work" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" "$@" > "$work/log" &&
    cmake --build "$work" --target consumer >> "$work/log"; } || {
    cat "$work/log"
    return 1
  }
}

case $way in
  cmake-shared) build_with_cmake ;;
  cmake-static) build_with_cmake -Dgradus_USE_STATIC_LIBS=ON ;;
  pkgconfig-shared) build_with_pkgconfig gradus ;;
  pkgconfig-static) build_with_pkgconfig gradus-static ;;
  *)
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac

# The form that was asked for, or the test would say nothing.
uses_shared=no
[[ $(LD_LIBRARY_PATH=$libraries ldd "$work/consumer") != *libgradus.so* ]] || uses_shared=yes
case $way-$uses_shared in
  *-shared-yes | *-static-no) ;;
  *)
    echo "consume: $way: uses libgradus.so: $uses_shared." >&2
    exit 1
    ;;
esac
printf '%s: the program has %s bytes\n' "$way" "$(stat -c %s "$work/consumer")"
LD_LIBRARY_PATH=$libraries "$work/consumer"
