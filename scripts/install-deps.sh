#!/usr/bin/env bash
# Installs what building Gradus needs on Debian 12 (bookworm); with --tests also what its tests need.
# Asks nothing, and does nothing when all is there.
set -euo pipefail

packages=(git build-essential g++ cmake ninja-build pkg-config ccache libdnnl-dev libhwy-dev librandom123-dev
          libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libfmt-dev zlib1g-dev libpng-dev libjpeg62-turbo-dev liblapacke-dev
          libboost-dev libonnx-dev libprotobuf-dev libopenmpi-dev openmpi-bin
          dataset-fashion-mnist)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev libonnx-testdata clang-format doxygen python3 python3-matplotlib chromium
               zsh fish groff-base debootstrap libmpich-dev mpich)

case "${1:-}" in
  "") ;;
  --tests) packages+=("${test_packages[@]}") ;;
  *) echo "usage: scripts/install-deps.sh [--tests]" >&2; exit 2 ;;
esac

# npm builds the page of the web board; it need not be Debian's.
command -v npm > /dev/null || packages+=(npm)

command -v dpkg-query > /dev/null || {
  echo "install-deps: this needs a Debian system. Install by hand: ${packages[*]}" >&2
  exit 1
}

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status} ' "$package" 2> /dev/null) || true
  [[ $status == *"installed "* && $status != *"not-installed "* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "install-deps: everything is there."
  exit 0
fi

if ((EUID == 0)); then
  as_root=(env)
elif command -v sudo > /dev/null; then
  as_root=(sudo env)
else
  echo "install-deps: missing: ${missing[*]}" >&2
  echo "install-deps: neither root nor sudo is at hand. As root, run: apt-get install ${missing[*]}" >&2
  exit 1
fi

echo "install-deps: installing ${missing[*]}"
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" < /dev/null; }
apt update
apt install -y --no-install-recommends "${missing[@]}" > /dev/null
echo "install-deps: done."
