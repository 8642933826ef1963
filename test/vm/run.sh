#!/bin/bash
# Runs the limits tests on a kernel with cgroup v2 alone: test/vm/run.sh [TEST-FILE...], paths from the project's root.
# Arguments after -- go to vitest. JSON results go to $VM_OUT when that is set.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

files=(test/integration/limits.test.ts)
[ $# -eq 0 ] || files=("$@")
npm run --silent build >/dev/null

# Only busybox images: what is emulated is slow, and limits need no more.
export GOCKER_TEST_IMAGES=busybox GOCKER_TEST_SLOW=5
exec scripts/vm.sh --timeout 1800 -- node node_modules/vitest/vitest.mjs run --project integration --no-color \
  --reporter default --reporter json --outputFile.json /run/vm/out/vm.json "${files[@]}"
