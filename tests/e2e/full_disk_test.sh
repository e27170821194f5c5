#!/bin/bash
# Real disks that are full or read-only: small ones in memory, mounted where nobody else sees them
# (tests/durability/full_disk.py).
source tests/e2e/common.sh

if ! unshare --mount bash -c "mkdir -p '$work/try' && mount -t tmpfs -o size=1m none '$work/try'" 2> "$work/mount.log"; then
  echo "ok - skipped: a file system cannot be mounted here (needs root): $(tail -n 1 "$work/mount.log")"
  exit 0
fi
mkdir "$work/disks"
unshare --mount "$PYTHON" tests/durability/full_disk.py --programs "$bin" --folder "$work/disks" || failures=1
