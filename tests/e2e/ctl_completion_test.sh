#!/bin/bash
# Completions of pdf2mdctl, in bash, with the numbers of jobs of a scripted daemon; zsh and fish read theirs.
# shellcheck source=tests/e2e/ctl_common.sh
. "$(dirname "$0")/ctl_common.sh"

mkdir bin
ln -s "$ctl" bin/pdf2mdctl
PATH=$work/bin:$PATH
for shell in bash zsh fish; do
  pdf2mdctl completion $shell >completion.$shell
done
run "$ctl" completion csh
expect "an unknown shell" 2

# completes WORD...: what bash offers for the last word.
completes() {
  bash -c '. ./completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
           compopt() { :; }; _pdf2mdctl; printf "%s\n" "${COMPREPLY[@]}"' - pdf2mdctl "$@" >out 2>err
}
offers() { completes "${@:2}"; check "bash: $* is offered" grep -qxF -- "$1" out; }
offers_not() { completes "${@:2}"; check "bash: $* is not offered" sh -c "! grep -qxF -- '$1' out"; }

echo "hang=1" >hang.pdf
echo "pages=1" >a.pdf
start_daemon --workers 1
running=$(pdf2mdctl submit hang.pdf)
finished=$(pdf2mdctl submit a.pdf)
pdf2mdctl wait "$finished"
offers convert con
offers cancel ""
offers --recursive convert --rec
offers -r convert -
offers_not --recursive submit --rec
offers always convert --ocr al
offers failed status --state f
offers failed status -W f
offers "$running" cancel ""
offers_not "$finished" cancel ""
offers "$finished" result ""
offers_not "$running" result ""
offers "$finished" rm ""
offers resize help res
offers fish completion ""
sock=$PDF2MD_SOCKET
unset PDF2MD_SOCKET
offers "$running" --socket "$sock" watch ""
check "bash: without a daemon nothing is said" test ! -s err
# shellcheck disable=SC2016  # for the inner shell
check "bash: every option of the help is there" bash -c '
  missing=0
  for option in $("$1" help convert | grep -o -- "--[a-z-]*"); do
    grep -q -- "$option" completion.bash completion.zsh || { echo "$option"; missing=1; }
  done
  exit $missing' - "$ctl"
if command -v shellcheck >/dev/null; then
  check "bash: it is in order" shellcheck -s bash -e SC2034 completion.bash
fi
if command -v zsh >/dev/null; then check "zsh reads it" zsh -n completion.zsh; fi
if command -v fish >/dev/null; then
  check "fish reads it" fish -n completion.fish
  export PDF2MD_SOCKET=$sock
  check "fish offers jobs" sh -c "fish -c 'source completion.fish; complete -C \"pdf2mdctl cancel \"' | grep -q '^$running'"
fi
finish
