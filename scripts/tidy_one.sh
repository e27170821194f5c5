#!/bin/bash
# clang-tidy on one file: tidy_one.sh FILE POPPLER_CFLAGS TORCH_INCLUDE_DIR
set -euo pipefail
flags=(-std=c++20 -I. -DMSGPACK_NO_BOOST -DPDF2MD_BUILD_ID='"check"')
case $1 in
  daemon/reader/*) read -r -a more <<< "${2//-I/-isystem }" ;;
  models/* | tests/model/*) more=(-isystem "$3" -isystem "$3/torch/csrc/api/include") ;;
  *) more=() ;;
esac
clang-tidy --quiet --warnings-as-errors='*' "$1" -- "${flags[@]}" "${more[@]}" 2> >(grep -v ' warnings\? generated' >&2)
