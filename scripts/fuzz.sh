#!/usr/bin/env bash
# Every parser of foreign bytes under libFuzzer, AddressSanitizer and UBSan, two at a time.
#
#     scripts/fuzz.sh [--runs N] [--seconds N] [TARGET...]     by default 100000 runs of each, 600 s at most
#
# Inputs start from build/fuzz/seeds, which the library's own writers make; those that reach something new are kept in
# build/fuzz/corpus/TARGET, as few as reach the same. build/fuzz/executions.txt adds up the executions of all
# calls. Fails if an input crashed, leaked, took over 10 s or over 2 GB; it is left in build/fuzz/found/TARGET.
# Needs the package clang beside those of scripts/install-deps.sh --tests.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

runs=100000 seconds=600 targets=()
while (($# > 0)); do
  case $1 in
    --runs) runs=$2 && shift 2 ;;
    --seconds) seconds=$2 && shift 2 ;;
    -*)
      sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
    *) targets+=("$1") && shift ;;
  esac
done

launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
mkdir -p build/fuzz
{ cmake --preset fuzz -DGRADUS_TESTS=ON "${launcher[@]}" && cmake --build --preset fuzz --target fuzz; } \
  > build/fuzz/build.log 2>&1 || {
  tail -n 60 build/fuzz/build.log
  exit 1
}
cd build/fuzz || exit 1
if ((${#targets[@]} == 0)); then
  for program in bin/fuzz_*; do targets+=("${program#bin/fuzz_}"); done
fi
./bin/write_fuzz_seeds seeds || exit 1

# fuzz TARGET: prints a line; the log is log/TARGET.
fuzz() {
  local name=$1 code=0
  mkdir -p "corpus/$name" "found/$name" log
  "./bin/fuzz_$name" "corpus/$name" "seeds/$name" -runs="$runs" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=4096 -print_final_stats=1 -verbosity=1 -artifact_prefix="found/$name/" > "log/$name" 2>&1 || code=$?
  local done_runs
  done_runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "log/$name")
  # The corpus, as few files as reach the same.
  rm -rf "small/$name" && mkdir -p "small/$name"
  if "./bin/fuzz_$name" -merge=1 "small/$name" "corpus/$name" > "log/$name.merge" 2>&1; then
    rm -rf "corpus/$name" && mv "small/$name" "corpus/$name"
  fi
  (
    flock 9
    printf '%s %s\n' "$name" "${done_runs:-0}" >> executions.txt
  ) 9> executions.lock
  printf '%-12s %10s executions, %5s inputs kept%s\n' "$name" "${done_runs:-?}" "$(find "corpus/$name" -type f | wc -l)" \
    "$( ((code == 0)) || echo ", FAILED: build/fuzz/log/$name")"
  return "$code"
}

status=0
for name in "${targets[@]}"; do
  while (($(jobs -rp | wc -l) >= 2)); do wait -n || status=1; done
  fuzz "$name" &
done
while (($(jobs -p | wc -l) > 0)); do wait -n || status=1; done
printf '\nexecutions so far\n'
awk '{ sum[$1] += $2 } END { for (name in sum) printf "%-12s %12d\n", name, sum[name] }' executions.txt | sort
exit "$status"
