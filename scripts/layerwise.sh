#!/usr/bin/env bash
# Trains a dense network layer by layer: each stage puts one more hidden layer behind the frozen ones and trains it
# with a new output layer; the last run trains all of them together.
#
#     scripts/layerwise.sh OUT DATA CLASSES LAYERS UNITS [flags of gradus train ...]
#     scripts/layerwise.sh runs/layerwise fashion-mnist 10 3 128 --epochs 3
#
# OUT/stage-1, OUT/stage-2, ... and OUT/joined are run folders. GRADUS names the program (build/release/bin/gradus).
set -euo pipefail
if (($# < 5)); then
  sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
out=$1 data=$2 classes=$3 layers=$4 units=$5
shift 5
gradus=${GRADUS:-$(dirname "${BASH_SOURCE[0]}")/../build/release/bin/gradus}
mkdir -p "$out"

# The model file of N hidden layers. Entry 0 is flatten; layer k is the entries 2k - 1 and 2k.
model() {
  local entries='"flatten"' i
  for ((i = 0; i < $1; ++i)); do entries+=", { dense = $units }, \"relu\""; done
  echo "layers = [$entries, { dense = $classes }]" > "$out/model-$1.toml"
}

for ((stage = 1; stage <= layers; ++stage)); do
  model "$stage"
  from=()
  if ((stage > 1)); then
    done_entries=0-$((2 * (stage - 1)))
    from=(--init-from "$out/stage-$((stage - 1))/model.safetensors" --init-layers "$done_entries" --freeze "$done_entries")
  fi
  echo "layerwise: layer $stage of $layers" >&2
  "$gradus" train --data "$data" --model "$out/model-$stage.toml" "${from[@]}" --out "$out/stage-$stage" "$@"
done
echo "layerwise: all layers together" >&2
"$gradus" train --data "$data" --model "$out/model-$layers.toml" \
  --init-from "$out/stage-$layers/model.safetensors" --out "$out/joined" "$@"
