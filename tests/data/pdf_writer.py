"""Writes small PDF files, byte for byte the same every time.

Only what the project's own test documents need: the standard fonts (never embedded, so that the
reader's font substitution is exercised), two CJK fonts with predefined CMaps (poppler-data), images,
links, page rotation, bookmarks, and encryption with RC4 (PDF 1.7, 7.6).
"""
import hashlib
import struct
import zlib

from PIL import ImageFont

# Metric-compatible with the standard fonts: used to measure and to draw scans.
_LIBERATION = "/usr/share/fonts/truetype/liberation2/Liberation"
FONTS = {
    "serif": ("Times-Roman", _LIBERATION + "Serif-Regular.ttf"),
    "serif-bold": ("Times-Bold", _LIBERATION + "Serif-Bold.ttf"),
    "serif-italic": ("Times-Italic", _LIBERATION + "Serif-Italic.ttf"),
    "sans": ("Helvetica", _LIBERATION + "Sans-Regular.ttf"),
    "sans-bold": ("Helvetica-Bold", _LIBERATION + "Sans-Bold.ttf"),
    "mono": ("Courier", _LIBERATION + "Mono-Regular.ttf"),
    # Looks like "serif"; its ToUnicode map says another letter for each.
    "garbled": ("Times-Roman", _LIBERATION + "Serif-Regular.ttf"),
}
CJK_FONTS = {
    "chinese": ("STSong-Light", "UniGB-UCS2-H", "GB1"),
    "japanese": ("HeiseiMin-W3", "UniJIS-UCS2-H", "Japan1"),
}
A4 = (595, 842)
_measures = {}


def width_of(text, font, size):
    """Width in points."""
    if font in CJK_FONTS:
        return len(text) * size
    if font not in _measures:
        _measures[font] = ImageFont.truetype(FONTS[font][1], 1000)
    return _measures[font].getlength(text) * size / 1000


def _number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Page:
    """Drawing in points, origin bottom-left."""

    def __init__(self, size=A4, rotate=0):
        self.size = size
        self.rotate = rotate
        self.operators = []
        self.links = []
        self.fonts = set()
        self.images = {}

    def text(self, x, y, text, font="serif", size=11, word_spacing=0.0, invisible=False):
        self.fonts.add(font)
        if font in CJK_FONTS:
            string = "<" + text.encode("utf-16-be").hex() + ">"
        else:
            escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
            string = "(" + escaped + ")"
        mode = "3 Tr " if invisible else ""
        self.operators.append(
            f"BT /{font} {_number(size)} Tf {mode}{_number(word_spacing)} Tw "
            f"{_number(x)} {_number(y)} Td {string} Tj ET"
        )

    def line(self, x0, y0, x1, y1, width=0.7):
        self.operators.append(
            f"{_number(width)} w {_number(x0)} {_number(y0)} m {_number(x1)} {_number(y1)} l S"
        )

    def image(self, name, image, x, y, width, height):
        self.images[name] = image
        self.operators.append(
            f"q {_number(width)} 0 0 {_number(height)} {_number(x)} {_number(y)} cm /{name} Do Q"
        )

    def raw(self, operators):
        self.operators.append(operators)

    def link(self, x0, y0, x1, y1, uri):
        self.links.append((x0, y0, x1, y1, uri))


class Pdf:
    def __init__(self, title="", language="en"):
        self.pages = []
        self.bookmarks = []  # (title, page index)
        self.title = title
        self.language = language
        self._objects = []

    def page(self, **options):
        self.pages.append(Page(**options))
        return self.pages[-1]

    def _add(self, body, stream=None):
        self._objects.append((body, stream))
        return len(self._objects)

    def _font(self, name):
        if name in CJK_FONTS:
            base, cmap, ordering = CJK_FONTS[name]
            descriptor = self._add(
                f"<< /Type /FontDescriptor /FontName /{base} /Flags 6 /FontBBox [0 -200 1000 900] "
                "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 90 >>"
            )
            descendant = self._add(
                f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{base} /CIDSystemInfo "
                f"<< /Registry (Adobe) /Ordering ({ordering}) /Supplement 2 >> /DW 1000 "
                f"/FontDescriptor {descriptor} 0 R >>"
            )
            return self._add(
                f"<< /Type /Font /Subtype /Type0 /BaseFont /{base} /Encoding /{cmap} "
                f"/DescendantFonts [{descendant} 0 R] >>"
            )
        unicode_map = ""
        if name == "garbled":
            lines = []
            for first, count in ((0x41, 26), (0x61, 26)):
                for i in range(count):
                    lines.append(f"<{first + i:02x}> <{first + (i * 7 + 5) % count:04x}>")
            cmap = (
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
                "/CMapName /Shifted def /CMapType 2 def\n"
                "1 begincodespacerange <00> <ff> endcodespacerange\n"
                f"{len(lines)} beginbfchar\n" + "\n".join(lines) + "\nendbfchar\n"
                "endcmap CMapName currentdict /CMap defineresource pop end end\n"
            )
            unicode_map = f" /ToUnicode {self._add('', cmap.encode())} 0 R"
        return self._add(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{FONTS[name][0]} "
            f"/Encoding /WinAnsiEncoding{unicode_map} >>"
        )

    def _image(self, image):
        """A Pillow image ("L" or "RGB"), or the bytes of a JPEG with its size and mode."""
        if isinstance(image, tuple):
            data, (width, height), mode = image
            filter_name = "/DCTDecode"
        else:
            data, (width, height), mode = image.tobytes(), image.size, image.mode
            filter_name = None
        space = "/DeviceGray" if mode == "L" else "/DeviceRGB"
        body = (
            f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
            f"/ColorSpace {space} /BitsPerComponent 8"
        )
        return self._add(body + (f" /Filter {filter_name}" if filter_name else ""), data)

    def save(self, path, user_password=None, owner_password=None):
        self._objects = []
        catalog = self._add("")
        tree = self._add("")
        fonts = {}
        kids = []
        for page in self.pages:
            for name in sorted(page.fonts - fonts.keys()):
                fonts[name] = self._font(name)
            resources = "/Font << " + " ".join(f"/{n} {fonts[n]} 0 R" for n in sorted(page.fonts)) + " >>"
            images = {n: self._image(i) for n, i in page.images.items()}
            if images:
                resources += " /XObject << " + " ".join(f"/{n} {o} 0 R" for n, o in images.items()) + " >>"
            content = self._add("", "\n".join(page.operators).encode("cp1252"))
            annotations = ""
            if page.links:
                objects = [
                    self._add(
                        "<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect "
                        f"[{x0} {y0} {x1} {y1}] /A << /S /URI /URI ({uri}) >> >>"
                    )
                    for x0, y0, x1, y1, uri in page.links
                ]
                annotations = "/Annots [" + " ".join(f"{o} 0 R" for o in objects) + "] "
            kids.append(
                self._add(
                    f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {page.size[0]} {page.size[1]}] "
                    f"/Rotate {page.rotate} {annotations}/Resources << {resources} >> "
                    f"/Contents {content} 0 R >>"
                )
            )
        outlines = self._outline(kids)
        self._objects[tree - 1] = (
            f"<< /Type /Pages /Count {len(kids)} /Kids [" + " ".join(f"{k} 0 R" for k in kids) + "] >>",
            None,
        )
        self._objects[catalog - 1] = (
            f"<< /Type /Catalog /Pages {tree} 0 R /Lang ({self.language}) {outlines}>>",
            None,
        )
        info = self._add(f"<< /Title ({self.title}) /Producer (pdf2md test documents) >>")
        cipher = None
        if user_password is not None:
            cipher = _Rc4Security(user_password, owner_password or "owner")
        with open(path, "wb") as out:
            out.write(self._serialise(catalog, info, cipher))

    def _outline(self, pages):
        if not self.bookmarks:
            return ""
        root = self._add("")
        items = [self._add("") for _ in self.bookmarks]
        for i, (title, page) in enumerate(self.bookmarks):
            neighbours = f"/Prev {items[i - 1]} 0 R " if i else ""
            neighbours += f"/Next {items[i + 1]} 0 R " if i + 1 < len(items) else ""
            self._objects[items[i] - 1] = (
                f"<< /Title ({title}) /Parent {root} 0 R {neighbours}/Dest [{pages[page]} 0 R /Fit] >>",
                None,
            )
        self._objects[root - 1] = (
            f"<< /Type /Outlines /First {items[0]} 0 R /Last {items[-1]} 0 R /Count {len(items)} >>",
            None,
        )
        return f"/Outlines {root} 0 R "

    def _serialise(self, catalog, info, cipher):
        out = bytearray(b"%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
        offsets = []
        for number, (body, stream) in enumerate(self._objects, start=1):
            offsets.append(len(out))
            out += f"{number} 0 obj\n".encode()
            if stream is None:
                out += (cipher.strings(number, body) if cipher else body).encode("cp1252")
            else:
                if "/Filter" not in body:
                    body += " /Filter /FlateDecode"
                    stream = zlib.compress(stream, 9)
                if cipher:
                    stream = cipher.encrypt(number, stream)
                out += f"<< {body} /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream"
            out += b"\nendobj\n"
        start = len(out)
        out += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
        trailer = f"/Size {len(offsets) + 1} /Root {catalog} 0 R /Info {info} 0 R"
        if cipher:
            trailer += " " + cipher.trailer()
        out += f"trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
        return bytes(out)


def _rc4(key, data):
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)


class _Rc4Security:
    """The standard security handler, revision 3, 128 bits (PDF 1.7, algorithms 1 to 5)."""

    _PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    _PERMISSIONS = -44
    _ID = hashlib.md5(b"pdf2md test documents").digest()

    def __init__(self, user, owner):
        pad = lambda password: (password.encode("latin-1") + self._PADDING)[:32]
        key = hashlib.md5(pad(owner)).digest()
        for _ in range(50):
            key = hashlib.md5(key).digest()
        entry = pad(user)
        for i in range(20):
            entry = _rc4(bytes(b ^ i for b in key), entry)
        self._owner = entry
        key = hashlib.md5(pad(user) + entry + struct.pack("<i", self._PERMISSIONS) + self._ID).digest()
        for _ in range(50):
            key = hashlib.md5(key).digest()
        self._key = key
        entry = hashlib.md5(self._PADDING + self._ID).digest()
        for i in range(20):
            entry = _rc4(bytes(b ^ i for b in key), entry)
        self._user = entry + bytes(16)

    def encrypt(self, number, data):
        key = hashlib.md5(self._key + struct.pack("<I", number)[:3] + b"\0\0").digest()
        return _rc4(key, data)

    def strings(self, number, body):
        """Literal strings of an object, encrypted; ours hold no parentheses."""
        parts = body.split("(")
        for i in range(1, len(parts)):
            text, rest = parts[i].split(")", 1)
            parts[i] = "<" + self.encrypt(number, text.encode("cp1252")).hex() + ">" + rest
        return "".join(parts)

    def trailer(self):
        return (
            f"/ID [<{self._ID.hex()}> <{self._ID.hex()}>] /Encrypt << /Filter /Standard /V 2 /R 3 "
            f"/Length 128 /P {self._PERMISSIONS} /O <{self._owner.hex()}> /U <{self._user.hex()}> >>"
        )
