#!/bin/bash
# Makes a relocatable folder: bundle.sh TARGET. Environment: BUILD, DEPS.
#
#   bin/      the programs and model_tests      run.sh        runs one of them, finds libtorch
#   lib/      the shared libraries they need, without glibc, libtorch and CUDA's
#   share/    weights, poppler's and Tesseract's data, fonts with their configuration, sample documents, licences
# The programs find lib/ by their run path ($ORIGIN/../lib), so nothing is patched.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${BUILD:-build}
deps=$(realpath "${DEPS:-.deps}")
target=$1
new=$target.new

rm -rf "$new"
mkdir -p "$new"/{bin,lib,share/pdf2md,share/fonts,share/samples,share/doc}

programs=()
for program in pdf2mdd pdf2md-worker pdf2md-reader pdf2md-script-reader pdf2md-http pdf2mdctl model_tests; do
  if [[ -x $build/bin/$program ]]; then programs+=("$build/bin/$program"); fi
done
for program in "${programs[@]}"; do
  objcopy --strip-debug "$program" "$new/bin/${program##*/}"
done

# What the loader resolves, ours only: glibc belongs to the machine, libtorch comes from its wheel.
glibc=' libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libresolv.so.2 libutil.so.1 ld-linux-x86-64.so.2 '
ldd "${programs[@]}" | sed -n 's/^\t\([^ ]*\) => \(\/[^ ]*\) .*/\1 \2/p' | sort -u |
  while read -r name path; do
    [[ $glibc != *" $name "* && $(realpath "$path") != "$deps"/* ]] || continue
    cp -L "$path" "$new/lib/$name"
    owner=$(dpkg-query -S "$(realpath "$path")" 2> /dev/null | head -n 1 | cut -d : -f 1) || continue
    [[ -z $owner || ! -e /usr/share/doc/$owner/copyright ]] ||
      cp -L "/usr/share/doc/$owner/copyright" "$new/share/doc/$owner.copyright"
  done

cp -rL "$deps/models" "$new/share/pdf2md/models"
cp -r /usr/share/poppler "$new/share/poppler"
cp -rL /usr/share/tesseract-ocr/5/tessdata "$new/share/tessdata"
for package in poppler-data tesseract-ocr-osd tesseract-ocr-script-cyrl fonts-dejavu-core fonts-liberation2 fonts-urw-base35 fonts-noto-cjk; do
  cp -L "/usr/share/doc/$package/copyright" "$new/share/doc/$package.copyright"
  [[ $package != fonts-* ]] || dpkg-query -L "$package" | grep -E '\.(ttf|otf|ttc|t1|afm)$' |
    while read -r font; do
      mkdir -p "$new/share/fonts/$package"
      [[ -h $font ]] || cp "$font" "$new/share/fonts/$package/"
    done
done
mkdir -p "$new/share/fonts/conf.d"
cp -L /etc/fonts/conf.d/*.conf "$new/share/fonts/conf.d/"
cat > "$new/share/fonts/fonts.conf" << 'END'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">.</dir>
  <include ignore_missing="yes">conf.d</include>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
END

# The reference numbers are a gigabyte; gpu-check.sh makes them again where ONNX Runtime is there.
cp tests/model/reference.py "$new/"
cp "$build"/data/*.pdf "$new/share/samples/" 2> /dev/null || true
cp "$build"/data/*.txt "$new/share/samples/" 2> /dev/null || true
cp LICENSE README.md "$new/"
cp scripts/bundle/run.sh scripts/bundle/gpu-check.sh scripts/bundle/compare.py "$new/"

rm -rf "$target"
mv "$new" "$target"
du -sh "$target" | awk '{ print "  bundle " $2 " (" $1 ")" }'
