#!/usr/bin/env bash
# The learning rate of each optimizer: the best of a grid by the loss on a tenth of the training images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
gradus=${1:-$here/../../build/release/bin/gradus}
for file in "$here"/*.toml; do
  case $(basename "$file" .toml) in
    sgd) grid=0.03,0.1,0.3,1 ;;
    momentum | nesterov) grid=0.01,0.03,0.1,0.3 ;;
    adagrad) grid=0.003,0.01,0.03,0.1 ;;
    *) grid=3e-4,1e-3,3e-3,1e-2 ;;
  esac
  echo "== $(basename "$file" .toml)"
  "$gradus" tune "$file" --grid "lr=$grid" --val-split 0.1 --quiet
done
