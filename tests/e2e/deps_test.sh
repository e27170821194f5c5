#!/bin/bash
# scripts/deps.sh, with small wheels of our own and no network.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/index PIP_CONFIG_FILE=/dev/null
export PDF2MD_DEPS=$work/deps PDF2MD_WHEELS_LOCK=$work/wheels.lock PDF2MD_NVIDIA_VERSION_FILE=$work/driver
mkdir -p "$work/index"

"$PYTHON" - "$work/index" "$work/wheels.lock" << 'END'
import hashlib, pathlib, sys, zipfile
index, lock = pathlib.Path(sys.argv[1]), open(sys.argv[2], "w")
def wheel(name, files, rows):
    path = index / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as out:
        for file in files:
            out.writestr(file, f"{name} {file}\n")
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", "")
    data = path.read_bytes()
    for group, parts in rows:
        print(group, name, "1.0", len(data), hashlib.sha256(data).hexdigest(), path.name, parts, file=lock)
wheel("tensors", ["t/lib/cpu.so", "t/lib/gpu.so", "t/unused.py"], [("cpu", "t/lib/cpu.so"), ("cuda", "t/lib/gpu.so")])
wheel("blas", ["t/lib/blas.so"], [("cuda", "t/lib/*")])
wheel("weights", ["weights/models/a.onnx", "weights/code.py"], [("models", "weights/models/a.onnx,*.dist-info/METADATA")])
END
deps() { scripts/deps.sh "$@" > "$work/stdout" 2> "$work/said"; }
said() { grep -qE -- "$1" "$work/said"; }
site=$PDF2MD_DEPS/site/t/lib

expect_status "a plan" 0 deps --plan
check "a plan says what would be fetched" said 'would fetch 2 wheels'
check "a plan does nothing" test ! -e "$PDF2MD_DEPS"

expect_status "without a driver: the CPU set" 0 deps
check "what is needed is there" test -e "$site/cpu.so" -a -e "$PDF2MD_DEPS/models/a.onnx"
check "what is not needed is not" test ! -e "$PDF2MD_DEPS/site/t/unused.py" -a ! -e "$site/gpu.so"
check "archives are deleted" test -z "$(ls "$PDF2MD_DEPS/wheels")"
check "nothing on standard output" test ! -s "$work/stdout"
mv "$work/index" "$work/hidden"
expect_status "a second time without an index" 0 deps
check "nothing to say" test ! -s "$work/said"
mv "$work/hidden" "$work/index"

echo 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024' > "$work/driver"
expect_status "an old driver" 0 deps
check "an old driver: said, with what to do" said '535\.183\.01 is too old.*580.*Update the driver.*CUDA=1'
check "an old driver: the CPU set" test ! -e "$site/gpu.so"
echo 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build' > "$work/driver"
CUDA=0 expect_status "a good driver, CUDA=0" 0 deps
check "a good driver, CUDA=0: the CPU set" test ! -e "$site/gpu.so"
expect_status "a good driver" 0 deps
check "a good driver: the CUDA set" test -e "$site/gpu.so" -a -e "$site/blas.so" -a -e "$site/cpu.so"

export PDF2MD_DEPS=$work/other
rm "$work/driver"
sed 's/^\(models .* [0-9]* \)[0-9a-f]\{8\}/\1deadbeef/' "$work/wheels.lock" > "$work/bad.lock"
PDF2MD_WHEELS_LOCK=$work/bad.lock expect_status "a wrong hash stops" 1 deps
check "a wrong hash names the file" said 'weights-1\.0-py3-none-any\.whl is not the locked file'
check "a wrong hash: nothing of it is used" test ! -e "$work/other/models"
expect_status "goes on where it stopped" 0 deps
check "and is complete" test -e "$work/other/models/a.onnx" -a -e "$work/other/site/t/lib/cpu.so"

rm "$work/index"/blas*
export CUDA=1
expect_status "a wheel that cannot be fetched" 1 deps
check "it is named" said 'could not fetch blas 1\.0'
check "what was there is untouched" test -e "$work/other/site/t/lib/cpu.so"
CUDA=yes expect_status "an unknown choice" 1 deps
check "is explained" said 'CUDA=yes: use 1'
expect_status "an unknown argument" 1 deps --fast
