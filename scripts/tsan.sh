#!/usr/bin/env bash
# The parts that have threads of their own (loader, checkpoint writer, board) under ThreadSanitizer. With one OpenMP
# thread: GCC's runtime is not instrumented, so every parallel loop would be reported.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
launcher=()
command -v ccache > /dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
programs=(test_base test_data test_train_runs)
mkdir -p build
{
  cmake --preset tsan -DGRADUS_TESTS=ON -DGRADUS_EXAMPLES=OFF "${launcher[@]}"
  # The board is left out where its page cannot be built.
  if cmake --build --preset tsan --target help | grep -q '^test_board:'; then programs+=(test_board); fi
  cmake --build --preset tsan --target "${programs[@]}"
} > build/tsan-build.log 2>&1 || {
  tail -n 60 build/tsan-build.log
  exit 1
}
[[ -x build/tsan/bin/test_board ]] && programs+=(test_board)
export OMP_NUM_THREADS=1 TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
for program in $(printf '%s\n' "${programs[@]}" | sort -u); do
  "build/tsan/bin/$program" --gtest_brief=1
done
