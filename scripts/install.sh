#!/bin/bash
# `make install`: environment PREFIX, DESTDIR, BUILD, DEPS. FETCHED=no leaves out what was fetched:
# libtorch, CUDA and the weights.
#
# The programs keep together with what only they use, in PREFIX/lib/pdf2md; PREFIX/bin gets links, and
# the loader resolves $ORIGIN through them.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
deps=${DEPS:-.deps}
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}$prefix
home=$root/lib/pdf2md

mkdir -p "$root/bin" "$home/bin" "$home/share/pdf2md"
for program in pdf2mdd pdf2md-worker pdf2md-reader pdf2md-script-reader pdf2md-http pdf2mdctl; do
  install -m 755 "$build/bin/$program" "$home/bin/"
done
for program in pdf2mdd pdf2md-http pdf2mdctl; do
  ln -sfn "../lib/pdf2md/bin/$program" "$root/bin/$program"
done
if [[ ${FETCHED:-yes} != no ]]; then
  mkdir -p "$home/site/torch"
  cp -rL --no-preserve=ownership "$deps/models" "$home/share/pdf2md/"
  # Libraries and licences, not headers.
  cp -r --no-preserve=ownership "$deps/site/torch/lib" "$home/site/torch/"
  for folder in "$deps"/site/nvidia/*/lib; do
    part=${folder#"$deps"/site/}
    mkdir -p "$home/site/$part"
    cp -r --no-preserve=ownership "$folder/." "$home/site/$part/"
  done
  cp -r --no-preserve=ownership "$deps"/site/*.dist-info "$home/site/"
fi
for page in man/*.[1-8]; do
  [[ -e $page ]] || continue
  install -D -m 644 "$page" "$root/share/man/man${page##*.}/${page##*/}"
done
install_completion() {  # SHELL FILE
  mkdir -p "$root/share/$(dirname "$2")"
  "$build/bin/pdf2mdctl" completion "$1" > "$root/share/$2"
}
install_completion bash bash-completion/completions/pdf2mdctl
install_completion zsh zsh/site-functions/_pdf2mdctl
install_completion fish fish/vendor_completions.d/pdf2mdctl.fish
install_unit() {  # UNIT FOLDER
  install -D -m 644 "$1" "$root/lib/systemd/$2/${1##*/}"
  # systemd looks for programs in /usr and /usr/local by itself.
  [[ $prefix == /usr || $prefix == /usr/local ]] ||
    sed -i "s|^ExecStart=pdf2md|ExecStart=$prefix/bin/pdf2md|" "$root/lib/systemd/$2/${1##*/}"
}
for unit in systemd/*.service systemd/*.socket; do install_unit "$unit" system; done
for unit in systemd/user/*; do install_unit "$unit" user; done
for part in sysusers tmpfiles; do
  install -D -m 644 "systemd/pdf2md.$part.conf" "$root/lib/$part.d/pdf2md.conf"
done
install -D -m 644 systemd/pdf2mdd.toml "$root/share/doc/pdf2md/pdf2mdd.toml"
install -D -m 644 LICENSE "$root/share/doc/pdf2md/LICENSE"
install -m 644 README.md SECURITY.md CHANGES.md "$root/share/doc/pdf2md/"
echo "installed to $root (programs: $root/bin/pdf2mdctl, $root/bin/pdf2mdd)"
if [[ -z ${DESTDIR:-} && -d /run/systemd/system ]]; then
  echo "as a service: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload &&"
  echo "              systemctl enable --now pdf2mdd.socket pdf2mdd.service"
fi
