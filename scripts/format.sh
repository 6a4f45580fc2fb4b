#!/usr/bin/env bash
# Formats the project's C++ files with clang-format; with --check only says which ones differ.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
  "") options=(-i) ;;
  --check) options=(--dry-run --Werror) ;;
  *) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
command -v clang-format > /dev/null || {
  echo "format: clang-format is missing. Run scripts/install-deps.sh --tests." >&2
  exit 1
}

# Files that are deleted but not committed yet are still listed, so only those that exist are passed on.
git ls-files -z -- '*.h' '*.cpp' |
  while IFS= read -r -d '' file; do if [[ -f $file ]]; then printf '%s\0' "$file"; fi; done |
  xargs -0 --no-run-if-empty clang-format "${options[@]}"
echo "format: ok."
