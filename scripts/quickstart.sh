#!/usr/bin/env bash
# From a fresh checkout to a trained network: installs what is missing, builds, and trains a small classifier.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash scripts/install-deps.sh

launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1  # another checkout finds the same objects
log=build/quickstart.log
mkdir -p build

# Runs a command with its output in the log, showing its newest line in place; on a failure the log's end.
quietly() {
  local title=$1 status=0
  shift
  if [[ -t 2 ]]; then
    local width=$(($(tput cols 2> /dev/null || echo 80) - ${#title} - 3))
    "$@" 2>&1 | tee -a "$log" | while IFS= read -r line; do
      printf '\r\033[K%s: %s' "$title" "${line:0:width}" >&2
    done || status=$?
    printf '\r\033[K' >&2
  else
    echo "$title ..." >&2
    "$@" >> "$log" 2>&1 || status=$?
  fi
  if ((status != 0)); then
    tail -n 30 "$log" >&2
    echo "quickstart: $title failed; the whole output is in $log." >&2
    exit 1
  fi
}

: > "$log"
quietly configure cmake --preset release -DGRADUS_TESTS=OFF -DGRADUS_EXAMPLES=OFF "${launcher[@]}"
quietly build cmake --build --preset release
gradus=build/release/bin/gradus

data=fashion-mnist
if [[ ! -d /usr/share/datasets/fashion-mnist ]]; then
  echo "quickstart: the Fashion-MNIST images are not installed; training on generated points instead." >&2
  data=make_moons:n_samples=1000,noise=0.2,test=0.25
fi
out=runs/quickstart
for ((number = 2; ; ++number)); do
  [[ -e $out ]] || break
  out=runs/quickstart-$number
done

train=("$gradus" train --data "$data" --model mlp --epochs 5 --batch-size 64 --schedule cosine --out "$out")
echo "+ ${train[*]}"
"${train[@]}"

cat << END

Built $gradus and trained the model 'mlp' on '$data' for 5 epochs.
The run is in $out: run.toml (its settings), history.jsonl (every epoch), model.toml and model.safetensors.

Try next:
  $gradus eval $out --split test
  $gradus predict $out --input FILE
  $gradus models                      # the other models
  $gradus board runs                  # all runs in the browser, live while they train
  $gradus gradcheck $out              # every gradient against central differences
  $gradus train --data $data --model logistic --epochs 5 --out runs/logistic
END
