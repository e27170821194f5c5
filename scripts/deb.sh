#!/bin/bash
# `make deb`: build/pdf2md_VERSION_amd64.deb. Environment: BUILD, DEPS, DEBFULLNAME, DEBEMAIL (who makes
# it; default: the author of the last commit).
#
# What the package holds is what `make install` puts below /usr, without what is fetched: libtorch,
# CUDA and the weights come by pdf2md-setup, which the package brings along with their hashes.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${BUILD:-build}")
version=$("$build/bin/pdf2mdctl" --version | awk '{ print $2; exit }')
tree=$build/deb/pdf2md
deb=$build/pdf2md_${version}_amd64.deb
maintainer="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"

rm -rf "$build/deb"
mkdir -p "$tree/DEBIAN"
FETCHED=no PREFIX=/usr DESTDIR=$tree scripts/install.sh > /dev/null
home=$tree/usr/lib/pdf2md
doc=$tree/usr/share/doc/pdf2md
for program in "$home"/bin/*; do strip --strip-unneeded "$program"; done

# --- what is fetched, and how
ln -s /var/lib/pdf2md-setup/site "$home/site"
ln -s /var/lib/pdf2md-setup/models "$home/share/pdf2md/models"
install -D -m 755 packaging/deb/pdf2md-setup "$tree/usr/sbin/pdf2md-setup"
install -D -m 755 scripts/deps.sh "$home/setup/scripts/deps.sh"
install -m 644 scripts/wheels.lock "$home/setup/scripts/wheels.lock"
printf '[run]\npython3\npython3-pip\nunzip\n' > "$home/setup/scripts/apt.txt"
install -D -m 644 models/manifest.toml "$home/setup/models/manifest.toml"

# --- as Debian has it
chmod 755 "$tree"
mkdir -p "$tree/usr/lib/systemd"
rm -f "$doc/LICENSE"
sed '1,2d; s/^$/./; s/^/ /' LICENSE > "$build/deb/licence"
sed -e "/@LICENSE@/{r $build/deb/licence" -e 'd}' packaging/deb/copyright > "$doc/copyright"
mv "$doc/CHANGES.md" "$build/deb/"
{
  printf 'pdf2md (%s) unstable; urgency=medium\n\n  * See NEWS in this folder.\n\n' "$version"
  printf ' -- %s  %s\n' "$maintainer" "$(date -u -R -d "@$(git log -1 --format=%ct)")"
} | gzip -9n > "$doc/changelog.gz"
gzip -9nc "$build/deb/CHANGES.md" > "$doc/NEWS.gz"
find "$tree/usr/share/man" -type f -exec gzip -9n {} +
install -D -m 644 packaging/deb/lintian-overrides "$tree/usr/share/lintian/overrides/pdf2md"
find "$tree" -type d -exec chmod 755 {} +

# --- control
mkdir -p "$build/deb/debian"
printf 'Source: pdf2md\n\nPackage: pdf2md\nArchitecture: amd64\n' > "$build/deb/debian/control"
# The worker's are among those of the others, but for libtorch, which no package has.
libraries=$(cd "$build/deb" && dpkg-shlibdeps -O pdf2md/usr/lib/pdf2md/bin/pdf2m{dd,dctl,d-http,d-reader,d-script-reader} |
  sed -n 's/^shlibs:Depends=//p')
cat > "$tree/DEBIAN/control" << END
Package: pdf2md
Version: $version
Architecture: amd64
Maintainer: $maintainer
Installed-Size: $(du -sk --apparent-size "$tree/usr" | cut -f 1)
Depends: $libraries, python3, python3-pip, unzip, systemd | systemd-standalone-sysusers, poppler-data, fontconfig, tesseract-ocr-osd, tesseract-ocr-eng
Recommends: fonts-dejavu-core, fonts-liberation2, fonts-urw-base35, tesseract-ocr-script-arab, tesseract-ocr-script-cyrl, tesseract-ocr-script-deva, tesseract-ocr-script-grek, tesseract-ocr-script-hebr, tesseract-ocr-script-thai, tesseract-ocr-kor
Suggests: fonts-noto-cjk
Section: text
Priority: optional
Homepage: https://example.org/pdf2md
Description: turns PDF documents, books and scans into Markdown
 A daemon that converts documents on a GPU or without one, page by page, and
 stays up while documents, drivers and models misbehave; and pdf2mdctl, which
 hands documents to it.
 .
 pdf2md-setup fetches libtorch and the weights of the networks once, each
 compared with its hash.
END
for script in postinst prerm postrm; do
  install -m 755 "packaging/deb/$script" "$tree/DEBIAN/$script"
done
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
dpkg-deb --root-owner-group --build "$tree" "$deb" > /dev/null
du -h "$deb" | awk '{ print "  package " $2 " (" $1 ")" }'
