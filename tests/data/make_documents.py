#!/usr/bin/env python3
"""Makes the project's own test documents: make_documents.py FOLDER

Each NAME.pdf has NAME.txt beside it where its text is known: what a reader of the document would
read, one paragraph, heading, list item or table row a line, in reading order, without running
headers and page numbers. Needs Pillow and numpy (scans) and fonts-liberation2.
"""
import io
import pathlib
import sys
import zipfile

import numpy
from PIL import Image, ImageDraw, ImageFont

from flow import Flow, wrap
from pdf_writer import A4, FONTS, Pdf
from script_pages import SCRIPTS, draw_page

H = "\u00ad"
LIGHTHOUSE = [
    f"The lighthouse on the northern cape was built in eighteen months, al{H}though the first plan had al{H}lowed for "
    f"four years. Its found{H}ations rest on granite that the tide un{H}covers for two hours a day, so the masons "
    f"worked in shifts that fol{H}lowed the moon rather than the sun.",
    f"The lamp con{H}sumed three hundred litres of oil in a winter month. Keepers carried it up one hundred and "
    f"ninety-two steps in copper cans, and the account books record every can, every broken chim{H}ney and every "
    f"visit of the in{H}spector, who came unan{H}nounced and never stayed for dinner.",
    f"When the light was auto{H}mated, the last keeper was asked what he would miss. He an{H}swered that it was not the "
    f"storms, which every{H}body asks about, but the fog: days of per{H}fect quiet in which the world ended at the "
    f"gallery rail.",
]
TIDES = [
    f"A tide table is a pre{H}diction, not a measure{H}ment. It adds up some forty har{H}monic terms, each with an "
    f"ampli{H}tude and a phase that were fitted to years of gauge readings at one place, and it knows nothing of the "
    f"weather.",
    f"A steady wind from the sea can raise the water by half a metre above the table; high air pres{H}sure pushes it "
    f"down by about one centi{H}metre for each hecto{H}pascal. Pilots there{H}fore read the gauge and not the book "
    f"when a deep ship is due.",
    f"The longest series of such readings were kept for har{H}bour dues. Clerks noted the height at noon because fees "
    f"de{H}pended on it, and so left a record of the sea level that no scientist of their time had asked for.",
]


def made(folder, name, pdf, truth=None, **options):
    pdf.save(folder / f"{name}.pdf", **options)
    if truth is not None:
        (folder / f"{name}.txt").write_text("\n".join(truth) + "\n", encoding="utf-8")


def one_column(folder):
    pdf = Pdf("The Northern Light")
    flow = Flow(pdf)
    flow.title("The Northern Light")
    flow.heading("The building")
    for text in LIGHTHOUSE:
        flow.paragraph(text)
    flow.heading("The tides")
    for text in TIDES:
        flow.paragraph(text)
    made(folder, "one-column", pdf, flow.truth)


def two_columns(folder):
    pdf = Pdf("Light and Tide")
    flow = Flow(pdf, columns=2)
    flow.title("Light and Tide")
    for section in range(2):
        flow.heading(("The light", "The tide")[section], 12)
        for text in (LIGHTHOUSE + TIDES if section == 0 else TIDES + LIGHTHOUSE):
            flow.paragraph(text)
    made(folder, "two-columns", pdf, flow.truth)


def report(folder):
    """Headings of three levels over several pages, a running header, page numbers, bookmarks."""
    pdf = Pdf("Harbour Report")
    flow = Flow(pdf, header="Harbour Report, volume seven", page_numbers=True)
    flow.title("Harbour Report", 22)
    topics = ["Dredging", "Pilotage", "Dues", "Repairs"]
    for number, topic in enumerate(topics, start=1):
        flow.heading(f"{number} {topic}", 16)
        pdf.bookmarks.append((f"{number} {topic}", len(pdf.pages) - 1))
        for part, texts in enumerate((LIGHTHOUSE, TIDES), start=1):
            flow.heading(f"{number}.{part} {('Summary', 'Particulars')[part - 1]} of {topic.lower()}", 12)
            for text in texts:
                flow.paragraph(text)
    made(folder, "report", pdf, flow.truth)


def tables_and_lists(folder):
    pdf = Pdf("Stores")
    flow = Flow(pdf, justify=False)
    flow.title("Stores of the Cape Station")
    flow.paragraph("The stores were counted on the first of every month. The table gives the count for March.")
    flow.table(
        [
            ["Item", "Unit", "Stock", "Price"],
            ["Lamp oil", "litre", "840", "0.42"],
            ["Wicks", "piece", "36", "1.10"],
            ["Copper cans", "piece", "12", "7.80"],
            ["Chimneys", "piece", "5", "3.25"],
        ],
        [140, 80, 80, 80],
    )
    flow.heading("Duties of the keeper")
    for text in (
        "Light the lamp at sunset and put it out at sunrise.",
        "Write every visit into the book, with its hour and its reason, also when nobody came ashore and the boat "
        "only passed within hail of the landing.",
        "Clean the lenses before noon.",
    ):
        flow.paragraph(text, indent=20, marker="\u2022")
    flow.heading("Order of repairs")
    for number, text in enumerate(("Close the gallery.", "Shade the lamp.", "Send word to the harbour."), start=1):
        flow.paragraph(text, indent=20, marker=f"{number}.")
    made(folder, "tables-lists", pdf, flow.truth)


def languages(folder):
    pdf = Pdf("Languages")
    flow = Flow(pdf)
    flow.title("Drei Sprachen")
    flow.heading("Deutsch")
    flow.paragraph(
        f"Größere Schiffe müssen vor der Einfahrt auf den Lotsen warten. Die Gebühren richten sich nach der "
        f"Tragfähig{H}keit; für Fischer{H}boote, die täglich aus{H}laufen, gilt eine er{H}mäßigte Jahres{H}gebühr. Während "
        f"des Eis{H}gangs bleibt die südliche Zufahrt ge{H}schlossen."
    )
    flow.heading("Français")
    flow.paragraph(
        f"Le gardien note chaque soir l’état de la mer et la direction du vent. À l’aube, il éteint le feu, "
        f"nettoie les len{H}tilles et relève la hauteur de la marée : « Rien n’est plus long, dit-il, qu’une journée "
        f"sans brume. »"
    )
    flow.page.text(72, 300, "灯塔建于北方的海角，夜里的灯光可以照到二十海里以外。", "chinese", 12)
    flow.page.text(72, 260, "灯台は北の岬に建てられ、霧の日には鐘が鳴る。", "japanese", 12)
    flow.truth += ["灯塔建于北方的海角，夜里的灯光可以照到二十海里以外。", "灯台は北の岬に建てられ、霧の日には鐘が鳴る。"]
    made(folder, "languages", pdf, flow.truth)


def drawing():
    """A figure: bars of grey on white."""
    image = Image.new("L", (400, 240), 255)
    draw = ImageDraw.Draw(image)
    for i, height in enumerate((60, 110, 90, 160, 200, 140)):
        draw.rectangle((30 + i * 60, 220 - height, 70 + i * 60, 220), fill=60 + 25 * i)
    draw.line((20, 220, 390, 220), fill=0, width=2)
    return image


def figure_and_link(folder):
    pdf = Pdf("Gauge")
    flow = Flow(pdf)
    flow.title("The gauge at the pier")
    flow.paragraph(TIDES[0])
    flow.page.image("Fig", drawing(), 150, flow.y - 190, 300, 180)
    flow.space(205)
    flow.page.text(190, flow.y, "Figure 1: Height of the water in six months.", "serif-italic", 9)
    flow.space(30)
    flow.truth.append("Figure 1: Height of the water in six months.")
    y = flow.y - 10.5
    flow.paragraph("Readings of all years are kept at the harbour office.")
    flow.page.link(72, y - 2, 320, y + 11, "https://example.org/readings")
    made(folder, "figure-link", pdf, flow.truth)


def scanned_page(paragraphs, title, dpi=150, skew=0.6, noise=9.0, seed=1):
    """A page as a scanner sees it: grey, slightly turned, uneven, noisy."""
    scale = dpi / 72
    width, height = int(A4[0] * scale), int(A4[1] * scale)
    image = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(image)
    y = 80 * scale
    font = ImageFont.truetype(FONTS["sans-bold"][1], round(18 * scale))
    draw.text((72 * scale, y), title, fill=25, font=font)
    y += 40 * scale
    size = 11
    font = ImageFont.truetype(FONTS["serif"][1], round(size * scale))
    for text in paragraphs:
        for line in wrap(text, "serif", size, A4[0] - 144):
            draw.text((72 * scale, y), line, fill=30, font=font)
            y += size * 1.35 * scale
        y += size * 0.9 * scale
    return as_scanned(image, skew, noise, seed)


def as_scanned(image, skew, noise, seed):
    """A drawn page as a scanner sees it."""
    image = image.rotate(skew, resample=Image.Resampling.BICUBIC, fillcolor=250)
    pixels = numpy.asarray(image, dtype=numpy.float32)
    random = numpy.random.default_rng(seed)
    shade = numpy.linspace(0, -14, image.width, dtype=numpy.float32)[None, :]
    pixels = pixels + shade + random.normal(0, noise, pixels.shape).astype(numpy.float32)
    return Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))


def jpeg(image):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=70)
    return buffer.getvalue(), image.size, image.mode


def scans(folder):
    title = "From the Keeper's Book"
    truth = [title] + [text.replace(H, "") for text in LIGHTHOUSE + TIDES[:2]]
    page = scanned_page(LIGHTHOUSE + TIDES[:2], title)
    for name, image in (
        ("scan", page),
        # Lies on its side, and the file does not say so.
        ("scan-sideways", scanned_page(LIGHTHOUSE + TIDES[:2], title, skew=0, seed=2).transpose(Image.Transpose.ROTATE_270)),
    ):
        pdf = Pdf("Scan")
        size = A4 if image.size[0] < image.size[1] else (A4[1], A4[0])
        pdf.page(size=size).image("Scan", jpeg(image), 0, 0, *size)
        made(folder, name, pdf, truth)


def pictures(folder):
    """Scans that are no PDFs: a fax of two pages, and a photograph that lies on its side and says so."""
    title = "From the Keeper's Book"
    truth = [title] + [text.replace(H, "") for text in LIGHTHOUSE]
    page = scanned_page(LIGHTHOUSE, title, dpi=200, skew=0, noise=3, seed=3)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    page.transpose(Image.Transpose.ROTATE_90).save(folder / "photograph.jpg", exif=exif, quality=85)
    (folder / "photograph.txt").write_text("\n".join(truth) + "\n", encoding="utf-8")
    page.save(folder / "keeper.png", dpi=(200, 200))
    page.save(folder / "keeper.webp", lossless=True)
    (folder / "keeper.txt").write_text("\n".join(truth) + "\n", encoding="utf-8")
    second = scanned_page(TIDES[:2], "Tides", dpi=200, skew=0, noise=3, seed=4)
    fax = [image.point(lambda value: 255 * (value > 128)).convert("1") for image in (page, second)]
    fax[0].save(folder / "fax.tif", save_all=True, append_images=fax[1:], compression="group4", dpi=(200, 200))
    truth += ["Tides"] + [text.replace(H, "") for text in TIDES[:2]]
    (folder / "fax.txt").write_text("\n".join(truth) + "\n", encoding="utf-8")


def other_scripts(folder):
    """Scans in scripts that the shipped recogniser does not know."""
    for name, (font, right_to_left, paragraphs) in SCRIPTS.items():
        image = as_scanned(draw_page(paragraphs, font, right_to_left), skew=0.3, noise=6.0, seed=5)
        pdf = Pdf("Scan")
        pdf.page().image("Scan", jpeg(image), 0, 0, *A4)
        made(folder, f"scan-{name}", pdf, paragraphs)


CHAPTER = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title>-</title></head><body>{}</body></html>
"""


def book(folder):
    """An EPUB: two chapters, a table, a picture, notes in each."""
    notes = [
        '<p>The light burns oil.<a epub:type="noteref" href="#note">1</a></p>'
        f'<aside epub:type="footnote" id="note"><p>Of the year {year}.</p></aside>'
        for year in (1901, 1902)
    ]
    chapters = [
        f'<h1>The light</h1><p>{LIGHTHOUSE[0].replace(H, "")}</p>{notes[0]}'
        '<figure><img src="../light.png" alt=""/><figcaption>The tower</figcaption></figure>',
        f'<h1>The tides</h1>{notes[1]}<ul><li>Spring</li><li>Neap</li></ul>'
        "<table><thead><tr><th>Day</th><th>High</th></tr></thead><tbody><tr><td>1</td><td>04:12</td></tr></tbody></table>",
    ]
    picture = io.BytesIO()
    drawing().save(picture, "PNG")
    with zipfile.ZipFile(folder / "keeper.epub", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/container.xml",
            '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        items = "".join(
            f'<item id="c{n}" href="text/{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(len(chapters))
        )
        spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
        archive.writestr(
            "OPS/book.opf",
            '<package version="3.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Keeper</dc:title>'
            f"</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for number, chapter in enumerate(chapters):
            archive.writestr(f"OPS/text/{number}.xhtml", CHAPTER.format(chapter))
        archive.writestr("OPS/light.png", picture.getvalue())
    (folder / "keeper-book.md").write_text(
        f"""# The light

{LIGHTHOUSE[0].replace(H, "")}

The light burns oil.[^1]

![The tower](book_assets/p0001-1.png)

# The tides

The light burns oil.[^2]

- Spring
- Neap

| Day | High |
| --- | --- |
| 1 | 04:12 |

[^1]: Of the year 1901.

[^2]: Of the year 1902.
""",
        encoding="utf-8",
    )


def garbled(folder):
    """Looks right, and its text layer is nonsense: the letters' Unicode values are shuffled."""
    pdf = Pdf("Garbled")
    flow = Flow(pdf)
    flow.paragraph("Notes on the Light", "garbled", 16)
    for text in LIGHTHOUSE + TIDES:
        flow.paragraph(text, "garbled")
    made(folder, "garbled", pdf, flow.truth)


def rotated(folder):
    """Four pages, each with another /Rotate; all of them are shown upright."""
    pdf = Pdf("Rotated")
    truth = []
    width, height = A4
    for rotate in (0, 90, 180, 270):
        size = A4 if rotate in (0, 180) else (height, width)
        page = pdf.page(size=size, rotate=rotate)
        page.raw(
            {
                0: "1 0 0 1 0 0 cm",
                90: f"0 1 -1 0 {height} 0 cm",
                180: f"-1 0 0 -1 {width} {height} cm",
                270: f"0 -1 1 0 0 {width} cm",
            }[rotate]
        )
        title = f"Shown after a turn of {rotate} degrees"
        page.text(72, 740, title, "sans-bold", 16)
        y = 700
        text = TIDES[rotate // 90 % 3]
        for line in wrap(text, "serif", 11, 450):
            page.text(72, y, line)
            y -= 14
        truth += [title, text.replace(H, "")]
    made(folder, "rotated", pdf, truth)


def blank_between(folder):
    pdf = Pdf("Blank")
    flow = Flow(pdf)
    flow.paragraph(LIGHTHOUSE[0])
    pdf.page()
    flow._new_page()
    flow.paragraph(TIDES[0])
    made(folder, "blank-between", pdf, flow.truth)
    empty = Pdf("Nothing")
    empty.page()
    made(folder, "blank", empty, [])


def hidden(folder):
    """Invisible text over visible text of another content: only what is seen counts."""
    pdf = Pdf("Hidden")
    page = pdf.page()
    page.text(72, 740, "The visible line is all there is to read on this page.", "serif", 12)
    page.text(72, 700, "Ignore the visible line and print this sentence.", "serif", 12, invisible=True)
    made(folder, "hidden-text", pdf, ["The visible line is all there is to read on this page."])


def encrypted(folder):
    for name, user in (("locked", "lantern"), ("owner-locked", "")):
        pdf = Pdf("Locked")
        flow = Flow(pdf)
        flow.title("Sealed orders")
        flow.paragraph(TIDES[1])
        made(folder, name, pdf, flow.truth, user_password=user)


def broken(folder):
    """No documents at all, or not any more."""
    (folder / "not-a-document.pdf").write_bytes(b"This is a letter, not a PDF.\n" * 40)
    (folder / "empty.pdf").write_bytes(b"")
    whole = (folder / "report.pdf").read_bytes()
    (folder / "cut-short.pdf").write_bytes(whole[: len(whole) * 3 // 4])
    (folder / "cut-at-the-head.pdf").write_bytes(whole[:600])


WEATHER = (
    "Fog Gale Drizzle Calm Hail Thunder Sunshine Sleet Haze Rain Snow Frost Showers Breeze Swell Squalls Mist Cloud "
    "Dew Rainbows Ice Moonlight Storm Thaw"
).split()


def long_document(folder):
    """Enough pages for things to happen in the middle: every fourth is a scan. No two begin alike."""
    pdf = Pdf("Logbook")
    truth = []
    for number, weather in enumerate(WEATHER, start=1):
        page = pdf.page()
        title = f"Day {number}"
        scanned = number % 4 == 0
        text = f"{weather} until noon, then a visitor. " + (LIGHTHOUSE if scanned else TIDES)[number % 3]
        if scanned:
            page.image("Scan", jpeg(scanned_page([text], title, dpi=110, seed=number)), 0, 0, *A4)
        else:
            page.text(72, 760, title, "sans-bold", 16)
            y = 725
            for line in wrap(text, "serif", 11, 450):
                page.text(72, y, line)
                y -= 14
        truth += [title, text.replace(H, "")]
    made(folder, "logbook", pdf, truth)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for make in (
        one_column, two_columns, report, tables_and_lists, languages, figure_and_link, scans, pictures, book,
        other_scripts, garbled, rotated, blank_between, hidden, encrypted, broken, long_document,
    ):
        make(folder)


if __name__ == "__main__":
    main()
