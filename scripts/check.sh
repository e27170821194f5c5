#!/bin/bash
# `make check`: everything that is read rather than run. Says what is wrong, all of it, then fails.
#
# clang-tidy looks at the files that differ from CHECK_BASE (default: the upstream branch, else the
# last commit and what is not committed); CHECK_ALL=1 takes every file.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
BUILD=${BUILD:-build}

problems=0
stage() {  # name command...
  local name=$1
  shift
  if "$@"; then
    echo "ok      $name"
  else
    echo "WRONG   $name"
    problems=$((problems + 1))
  fi
}

mapfile -t sources < <(git ls-files -co --exclude-standard '*.cc' '*.h')

changed_sources() {
  if [[ -n ${CHECK_ALL:-} ]]; then
    printf '%s\n' "${sources[@]}"
    return
  fi
  local base=${CHECK_BASE:-}
  [[ -n $base ]] || base=$(git rev-parse -q --verify '@{upstream}' 2> /dev/null) ||
    base=$(git rev-parse -q --verify HEAD~1) || base=$(git hash-object -t tree /dev/null)
  { git diff --name-only --diff-filter=d "$base" -- '*.cc' '*.h'
    git ls-files -o --exclude-standard '*.cc' '*.h'; } | sort -u
}

format() { clang-format --dry-run -Werror "${sources[@]}"; }

# Each file with the flags of its folder, as the Makefile compiles it.
tidy() {
  local torch=.deps/site/torch/include poppler
  poppler=$(pkg-config --cflags poppler)
  changed_sources | { grep '\.cc$' || true; } | xargs -r -P "$(nproc)" -I{} scripts/tidy_one.sh {} "$poppler" "$torch"
}

manual() {
  local pages=(man/*.[1-8])
  [[ -e ${pages[0]} ]] || { echo "man/: no pages"; return 1; }
  mandoc -Tlint -Wwarning "${pages[@]}"
}

shell_scripts() {
  git ls-files -co --exclude-standard | while read -r file; do
    if [[ -f $file && $(head -c 64 "$file" | head -n 1) =~ ^#!.*(/|\ )(ba)?sh ]]; then echo "$file"; fi
  done | xargs -r shellcheck -x
}

stage "format: clang-format" format
stage "arrows: includes" scripts/check_arrows.sh includes
stage "arrows: what the programs link" scripts/check_arrows.sh programs "$BUILD"
stage "man pages: mandoc" manual
stage "shell scripts: shellcheck" shell_scripts
stage "clang-tidy: changed files" tidy
if ((problems)); then
  echo "$problems of 6 checks found something"
  exit 1
fi
echo "all 6 checks passed"
