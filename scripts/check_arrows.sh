#!/bin/bash
# Dependencies point one way (DESIGN.md, "Folders"): check_arrows.sh includes | programs BUILD
#
# includes: which folder may include which, and in which folders a library's headers may appear.
# programs: what each of the programs links, and what it must never link, by `readelf -d`.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
problems=0
wrong() { echo "$*"; problems=$((problems + 1)); }

# "folder: folders it may include besides itself"
arrows="
proto:
document: proto
models: proto
daemon/supervisor: proto
daemon/worker: proto document models
daemon/sandbox: proto
daemon/reader: proto document daemon/sandbox
daemon/script_reader: proto document daemon/sandbox
daemon/http: proto ctl
ctl: proto document
"

# "header pattern: the only folders that may include it"
vendors="
uv\.h: daemon/supervisor
toml(\+\+|plusplus)?: daemon/supervisor models
(ATen|torch|c10|caffe2)/: models
(cuda|cudnn|cublas|nvrtc)[A-Za-z0-9_]*\.h: models
msgpack: proto
sqlite3\.h: daemon/supervisor
(ncurses|curses)[a-z]*\.h: ctl
(poppler/|goo/|splash/|fofi/|[A-Z][A-Za-z0-9]*Dev\.h|PDFDoc|Gfx|GlobalParams|Object\.h|Page\.h|Catalog): daemon/reader
(zip|archive|tiffio|jpeglib|jerror|turbojpeg|webp/[a-z]*)\.h: daemon/reader
httplib\.h: daemon/http
libxml/: daemon/reader
zlib\.h: daemon/reader
png\.h: daemon/reader daemon/worker
(seccomp|linux/landlock)\.h: daemon/sandbox
fontconfig/fontconfig\.h: daemon/reader
(tesseract|leptonica)/: daemon/script_reader
openssl/: models proto daemon/supervisor
"

# FILE:LINE:#include <...> of a folder's own files (not of those below), path by path.
includes_of() { grep -EHn '^ *# *include *[<"]' "$@" 2> /dev/null; }

check_includes() {
  local folder allowed target files
  while IFS=: read -r folder allowed; do
    [[ -n $folder ]] || continue
    mapfile -t files < <(git ls-files -co --exclude-standard "$folder" | grep -E '\.(h|cc)$')
    ((${#files[@]})) || continue
    for target in proto document models daemon/supervisor daemon/worker daemon/sandbox daemon/reader daemon/script_reader ctl tests; do
      [[ $target != "$folder" && " $allowed " != *" $target "* ]] || continue
      while read -r line; do
        wrong "${line%%:#*}: $folder must not include $target (${line##*include })"
      done < <(includes_of "${files[@]}" | grep -E "include *[<\"]$target/")
    done
  done <<< "$arrows"

  local pattern folders
  mapfile -t files < <(git ls-files -co --exclude-standard proto document models daemon ctl | grep -E '\.(h|cc)$')
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    pattern=${line%%: *}
    folders=${line#*: }
    while IFS= read -r hit; do
      folder=${hit%%:*}
      folder=${folder%/*}
      [[ $folder != models/* ]] || folder=models
      [[ " $folders " == *" $folder "* ]] ||
        wrong "${hit%%:#*}: only $folders may include ${hit##*include }"
    done < <(includes_of "${files[@]}" | grep -E "include *[<]($pattern)")
  done <<< "$vendors"
}

# "program: what it must never link"
never="
pdf2mdd: torch c10 poppler cuda cudart tesseract
pdf2md-worker: uv poppler tesseract
pdf2md-reader: torch c10 uv cuda cudart tesseract
pdf2md-script-reader: torch c10 uv cuda cudart poppler
pdf2md-http: torch c10 poppler uv cuda cudart
pdf2mdctl: torch c10 poppler uv cuda cudart tesseract
"

check_programs() {  # BUILD
  local program list libraries library
  while IFS=: read -r program list; do
    [[ -n $program ]] || continue
    if [[ ! -x $1/bin/$program ]]; then
      wrong "$1/bin/$program: not built"
      continue
    fi
    libraries=$(readelf -d "$1/bin/$program" | sed -n 's/.*(NEEDED).*\[lib\([^.]*\)\.so.*/\1/p')
    for library in $libraries; do
      for forbidden in $list; do
        [[ $library != "$forbidden" && $library != "$forbidden"[-_]* ]] ||
          wrong "$1/bin/$program links lib$library, which it must not (DESIGN.md, \"Four programs\")"
      done
    done
  done <<< "$never"
}

case ${1:-} in
  includes) check_includes ;;
  programs) check_programs "${2:-build}" ;;
  *) echo "usage: check_arrows.sh includes | programs BUILD" >&2; exit 2 ;;
esac
((problems == 0))
