#!/bin/bash
# The checks that need a GPU, run from the bundle: the models' numbers in fp16, the samples' Markdown
# against the CPU's, and the time a worker needs to start. Last line: "N passed, N failed".
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/pdf2md-gpu.XXXXXX")
passed=0
failed=0
daemon=
stop_daemon() {
  [[ -z $daemon ]] || { kill "$daemon" && wait "$daemon"; } 2> /dev/null
  daemon=
}
trap 'stop_daemon; rm -rf "$work"' EXIT
count() {  # what status
  if [[ $2 == 0 ]]; then passed=$((passed + 1)); echo "ok - $1"; else failed=$((failed + 1)); echo "not ok - $1"; fi
}

# Numbers of ONNX Runtime: given, or made here.
reference=${PDF2MD_REFERENCE:-$work/reference}
if [[ ! -d $reference ]] && python3 -c 'import numpy, onnxruntime, PIL' 2> /dev/null; then
  python3 "$here/reference.py" "$here/share/pdf2md/models" "$reference" > /dev/null
fi
if [[ -x $here/bin/model_tests && -d $reference ]]; then
  PDF2MD_TEST_DEVICE=cuda PDF2MD_REFERENCE=$reference PDF2MD_MODELS=$here/share/pdf2md/models \
    "$here/run.sh" model_tests
  count "models on CUDA agree with the reference" $?
else
  echo "skipped: the models' numbers (no $reference, and no onnxruntime in python3 to make it)"
fi

for device in cpu cuda; do
  "$here/run.sh" pdf2mdd --socket "$work/$device.sock" --state "$work/$device.state" --workers 1 \
    --device "$device" 2> "$work/$device.log" &
  daemon=$!
  for ((tries = 0; tries < 600; tries++)); do
    "$here/run.sh" pdf2mdctl --socket "$work/$device.sock" health --json > "$work/health" 2> /dev/null
    grep -q '"status": *"ok"' "$work/health" && break
    kill -0 "$daemon" 2> /dev/null || break
    sleep 0.2
  done
  grep -q '"status": *"ok"' "$work/health"
  count "a worker is ready on $device" $?
  cat "$work/health"
  mkdir -p "$work/$device"
  start=$(date +%s%N)
  "$here/run.sh" pdf2mdctl --socket "$work/$device.sock" convert --quiet "$here"/share/samples/*.pdf -o "$work/$device/"
  echo "$device: exit $? after $((($(date +%s%N) - start) / 1000000)) ms"
  "$here/run.sh" pdf2mdctl --socket "$work/$device.sock" workers
  grep -iE 'ready|warm|load' "$work/$device.log" | head -n 5
  stop_daemon
done
python3 "$here/compare.py" "$work/cpu" "$work/cuda"
count "Markdown from CUDA agrees with the CPU's" $?

echo "$passed passed, $failed failed"
((failed == 0))
