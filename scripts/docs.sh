#!/usr/bin/env bash
# Makes the reference documentation of public headers and guides: build/docs/html/index.html, or under DIR. Any warning,
# as of a public declaration that no comment speaks of, is a failure. Without Doxygen it says so and exits with 77.
#
#     scripts/docs.sh [DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=${1:-build/docs}
command -v doxygen > /dev/null || {
  echo "docs: skipped, doxygen is missing. scripts/install-deps.sh --tests installs it." >&2
  exit 77
}
mkdir -p "$out"
{
  cat docs/doxygen/Doxyfile
  printf 'OUTPUT_DIRECTORY = "%s"\n' "$out"
} | doxygen - || {
  echo "docs: the warnings above must go; docs/doxygen/headers.py says what a comment speaks of." >&2
  exit 1
}
echo "docs: $out/html/index.html"
