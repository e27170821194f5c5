"""Sets paragraphs, headings, lists and tables into columns and pages, and keeps the truth beside it."""
from pdf_writer import A4, width_of

SOFT_HYPHEN = "\u00ad"


def wrap(text, font, size, width):
    """Greedy line breaking; soft hyphens are places where a word may be divided."""
    lines = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if width_of(candidate.replace(SOFT_HYPHEN, ""), font, size) <= width:
            line = candidate
            continue
        head, rest = line, word
        syllables = word.split(SOFT_HYPHEN)
        for cut in range(len(syllables) - 1, 0, -1):
            part = "".join(syllables[:cut]) + "-"
            attempt = f"{line} {part}" if line else part
            if width_of(attempt.replace(SOFT_HYPHEN, ""), font, size) <= width:
                head, rest = attempt, SOFT_HYPHEN.join(syllables[cut:])
                break
        lines.append(head.replace(SOFT_HYPHEN, ""))
        line = rest
    if line:
        lines.append(line.replace(SOFT_HYPHEN, ""))
    return lines


class Flow:
    """A document that is filled from the top; a full column or page is followed by the next."""

    def __init__(self, pdf, columns=1, header=None, page_numbers=False, margin=72, gap=24, justify=True):
        self.pdf = pdf
        self.columns = columns
        self.header = header
        self.page_numbers = page_numbers
        self.margin = margin
        self.gap = gap
        self.justify = justify
        self.width = (A4[0] - 2 * margin - (columns - 1) * gap) / columns
        self.truth = []
        self._new_page()

    def _new_page(self):
        self.page = self.pdf.page()
        self.column = 0
        self.top = A4[1] - self.margin
        self.y = self.top
        number = len(self.pdf.pages)
        if self.header:
            self.page.text(self.margin, A4[1] - 44, self.header, "sans", 8)
        if self.page_numbers:
            self.page.text(A4[0] / 2 - 4, 36, str(number), "sans", 9)

    @property
    def x(self):
        return self.margin + self.column * (self.width + self.gap)

    def need(self, height):
        if self.y - height >= self.margin:
            return
        if self.column + 1 < self.columns:
            self.column += 1
            self.y = self.top
        else:
            self._new_page()

    def space(self, height):
        self.y -= height

    def title(self, text, size=20):
        """Across all columns, before anything else."""
        self.page.text(self.margin, self.y - size, text, "sans-bold", size)
        self.y -= size * 1.8
        self.top = self.y
        self.truth.append(text)

    def heading(self, text, size=14):
        self.space(size * 0.7)
        self.need(size * 1.4 + 30)
        self.page.text(self.x, self.y - size, text, "sans-bold", size)
        self.y -= size * 1.6
        self.truth.append(text)

    def paragraph(self, text, font="serif", size=10.5, indent=0.0, marker=None):
        lines = wrap(text, font, size, self.width - indent)
        leading = size * 1.25
        for i, line in enumerate(lines):
            self.need(leading)
            spacing = 0.0
            gaps = line.count(" ")
            if self.justify and marker is None and i + 1 < len(lines) and gaps:
                spacing = (self.width - indent - width_of(line, font, size)) / gaps
            if marker and i == 0:
                self.page.text(self.x + indent - 14, self.y - size, marker, font, size)
            self.page.text(self.x + indent, self.y - size, line, font, size, spacing)
            self.y -= leading
        self.space(leading * 0.5)
        prefix = f"{marker} " if marker else ""
        self.truth.append(prefix + text.replace(SOFT_HYPHEN, ""))

    def table(self, rows, widths, ruled=True, size=10):
        height = size * 1.9
        self.need(height * len(rows))
        top = self.y
        edges = [self.x]
        for width in widths:
            edges.append(edges[-1] + width)
        for row, cells in enumerate(rows):
            y = self.y - height
            for column, cell in enumerate(cells):
                font = "serif-bold" if row == 0 else "serif"
                self.page.text(edges[column] + 4, y + size * 0.55, cell, font, size)
            if ruled:
                self.page.line(edges[0], self.y, edges[-1], self.y)
            self.y = y
        if ruled:
            self.page.line(edges[0], self.y, edges[-1], self.y)
            for x in edges:
                self.page.line(x, top, x, self.y)
        self.space(size)
        self.truth += [" | ".join(cells) for cells in rows]
