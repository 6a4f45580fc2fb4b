#!/usr/bin/env bash
# Makes the Debian packages gradus, libgradusN and libgradus-dev, and tries them.
#
#     scripts/package.sh                 builds in build/package, packs there, and installs into a fresh Debian
#     scripts/package.sh --quick BUILD   packs what BUILD holds, and tries it unpacked
#
# The fresh Debian (bookworm, as small as debootstrap makes it, from the mirror this machine's apt uses) lives in
# build/package/root: there the program runs and trains, and a project is built with the packages, as its only way to
# Gradus. Root only. Where debootstrap cannot be had, packages are tried unpacked, as with --quick.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=no build=build/package
case "$#:${1:-}" in
  0:) ;;
  2:--quick) quick=yes build=$2 ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac

launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1  # another checkout finds the same objects

say() { printf '\n== %s\n' "$*"; }
die() { printf 'package: %s\n' "$*" >&2; exit 1; }

configure_and_build() {
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr -DGRADUS_WERROR=ON \
    -DGRADUS_TESTS=OFF -DGRADUS_EXAMPLES=OFF -DGRADUS_ZSH_DIR=share/zsh/vendor-completions "${launcher[@]}" > "$build.log"
  cmake --build "$build" >> "$build.log" || { tail -n 40 "$build.log"; die "the build failed."; }
}

pack() {
  rm -f "$build"/debs/*.deb
  (cd "$build" && cpack -G DEB -B debs > pack.log 2>&1) || { tail -n 40 "$build/pack.log"; die "cpack failed."; }
  rm -rf "$build/debs/_CPack_Packages"
  debs=("$build"/debs/*.deb)
  ((${#debs[@]} >= 3)) || die "at least three packages were needed, there are: ${debs[*]}"
}

# needs FILE-OR-FOLDER...: what must be in the unpacked packages.
needs() {
  local path found
  for path in "$@"; do
    # A pattern on purpose.
    # shellcheck disable=SC2206
    found=("$tree"/$path)
    [[ -e ${found[0]:-} ]] || die "the packages lack $path"
  done
}

check_contents() {
  local deb field name
  tree=$build/unpacked
  rm -rf "$tree"
  for deb in "${debs[@]}"; do
    for field in Package Version Architecture Maintainer Section Description Depends; do
      [[ -n $(dpkg-deb -f "$deb" "$field") ]] || die "$deb has no field $field"
    done
    name=$(dpkg-deb -f "$deb" Package)
    printf '%-14s %9s bytes  depends: %s\n' "$name" "$(stat -c %s "$deb")" "$(dpkg-deb -f "$deb" Depends)"
    dpkg-deb -c "$deb" | awk '$1 ~ /^d/ && $1 != "drwxr-xr-x" || $2 != "root/root" { print; bad = 1 } END { exit bad }' ||
      die "$deb holds files that others could write to, or that are not root's"
    dpkg-deb -x "$deb" "$tree"
    needs "usr/share/doc/$name/copyright" "usr/share/doc/$name/changelog.gz"
  done
  needs usr/bin/gradus usr/share/man/man1/gradus-train.1.gz usr/share/man/man1/gradus-data-make.1.gz \
    usr/share/bash-completion/completions/gradus usr/share/fish/vendor_completions.d/gradus.fish \
    'usr/share/zsh/*/_gradus' 'usr/lib*/**/libgradus.so.*' usr/include/gradus/train.h 'usr/lib*/**/cmake/gradus/gradus-config.cmake'
  [[ -z $(find "$tree/usr/share/man" -name '*.1') ]] || die "man pages are not compressed"
  file_is_stripped "$tree/usr/bin/gradus" || die "the program is not stripped"
  printf 'the program has %s bytes, libgradus.so %s, libgradus.a %s\n' "$(stat -c %s "$tree/usr/bin/gradus")" \
    "$(stat -Lc %s "$(find "$tree" -name 'libgradus.so.*' | sed -n 1p)")" "$(stat -c %s "$(find "$tree" -name libgradus.a)")"
}

file_is_stripped() { [[ $(readelf -S "$1") != *.symtab* ]]; }

train_seed=(train --data 'make_classification:n_samples=100,n_features=20,test=0.3' --model seed --epochs 3 --quiet)

try_unpacked() {
  say "unpacked: the program runs and trains, a project is built"
  "$tree/usr/bin/gradus" --version
  "$tree/usr/bin/gradus" "${train_seed[@]}"
  bash tests/consumer/consume.sh pkgconfig-shared "$tree/usr"
  bash tests/consumer/consume.sh cmake-shared "$tree/usr"
}

# The mirror, and how apt gets at it.
# shellcheck disable=SC2016
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' | sed -n 1p; }

in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} "$@"; }

make_root() {
  root=$PWD/$build/root
  rm -rf "$root"
  [[ -s $build/base.tar ]] || {
    say "a fresh Debian, by debootstrap"
    debootstrap --variant=minbase bookworm "$root" "$(mirror)" > "$build/debootstrap.log" 2>&1 || return 1
    tar -C "$root" -cf "$build/base.tar" .
    rm -rf "$root"
  }
  mkdir -p "$root"
  tar -C "$root" -xf "$build/base.tar"
  apt-config dump | grep -E '^Acquire::' > "$root/etc/apt/apt.conf.d/90acquire" || true
  cp /etc/resolv.conf "$root/etc/resolv.conf"
}

apt_in_root() { in_root apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" > "$build/apt.log" 2>&1 || {
  tail -n 30 "$build/apt.log"
  die "apt-get $1 failed in the fresh Debian."
}; }

try_in_root() {
  mkdir -p "$root/debs" "$root/consumer"
  cp "${debs[@]}" "$root/debs"
  cp -r tests/consumer/. "$root/consumer"
  apt_in_root update
  say "a fresh Debian: the program alone"
  apt_in_root install "./debs/$(basename "$(compgen -G "$build/debs/gradus_*")")"
  in_root gradus --version
  in_root gradus "${train_seed[@]}" --out /tmp/run
  in_root gradus eval /tmp/run --split test
  say "a fresh Debian: a project with the packages"
  apt_in_root install g++ cmake make pkg-config "${debs[@]/#$build\//./}"
  in_root bash /consumer/consume.sh pkgconfig-shared /usr
  in_root bash /consumer/consume.sh cmake-shared /usr
  say "a fresh Debian: removed again"
  apt_in_root purge gradus 'libgradus*'
  [[ -z $(find "$root/usr" "$root/etc" -name '*gradus*') ]] || die "purging left $(find "$root/usr" "$root/etc" -name '*gradus*')"
  echo "nothing is left."
}

# As a part of another project, whole: what the tests only configure.
try_as_part() {
  local by
  for by in subdirectory fetch; do
    say "by $by"
    { cmake -S tests/consumer/project -B "$build-$by" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGRADUS_BY=$by \
      -DGRADUS_SOURCE="$PWD" -DGRADUS_WERROR=ON "${launcher[@]}" > "$build-$by.log" &&
      cmake --build "$build-$by" --target consumer >> "$build-$by.log"; } || {
      tail -n 30 "$build-$by.log"
      die "by $by failed."
    }
    "$build-$by/consumer"
  done
}

shopt -s globstar nullglob
mkdir -p "$build"
if [[ $quick == no ]]; then
  say "build"
  configure_and_build
fi
say "packages"
pack
check_contents
if [[ $quick == yes ]]; then
  try_unpacked
  exit 0
fi
if [[ $EUID == 0 ]] && command -v debootstrap > /dev/null && make_root; then
  try_in_root
  rm -rf "$root"
else
  echo "package: no fresh Debian could be made (root and debootstrap are needed); the packages are tried unpacked." >&2
  try_unpacked
fi
try_as_part
say "done"
printf '%s\n' "${debs[@]}"
