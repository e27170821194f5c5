#!/usr/bin/env python3
"""Makes scanned pages, each different: a folder of one-page PDFs that hold nothing but a picture.

    make_scans.py OUT [--count 100] [--seed 1] [--fonts DIR]

Half of them are bilevel (CCITT), half grey (JPEG), at 200 dpi, A4: a heading, paragraphs in one or two columns, a
table on every fourth page; with noise and a slight skew. Needs Pillow and TrueType fonts.
"""
import argparse
import glob
import os
import random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, MARGIN = 1654, 2339, 180
SYLLABLES = "an ber con dis ed er est in ing ion la men na or per pre re sta ter tion ur ve".split()


def word(rng):
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 4)))


def sentence(rng):
    words = [word(rng) for _ in range(rng.randint(5, 18))]
    if rng.random() < 0.3:
        words.insert(rng.randrange(len(words)), str(rng.randint(2, 2030)))
    return words[0].capitalize() + " " + " ".join(words[1:]) + "."


def paragraph(draw, rng, font, left, top, right, lines):
    """Fills lines from word to word; the next free line."""
    words, step = [], int(font.size * 1.35)
    while lines > 0:
        if not words:
            words = sentence(rng).split()
        line = words.pop(0)
        while words and draw.textlength(line + " " + words[0], font) < right - left:
            line += " " + words.pop(0)
        draw.text((left, top), line, font=font, fill=rng.randint(0, 40))
        top += step
        lines -= 1
    return top + step // 2


def table(draw, rng, font, left, top, right):
    step, columns = int(font.size * 1.8), rng.randint(3, 5)
    width = (right - left) // columns
    rows = rng.randint(4, 8)
    for row in range(rows + 1):
        draw.line((left, top + row * step, left + columns * width, top + row * step), fill=0, width=2)
    for column in range(columns + 1):
        draw.line((left + column * width, top, left + column * width, top + rows * step), fill=0, width=2)
    for row in range(rows):
        for column in range(columns):
            text = word(rng).capitalize() if row == 0 or column == 0 else f"{rng.uniform(0, 1000):.2f}"
            draw.text((left + column * width + 12, top + row * step + 8), text, font=font, fill=20)
    return top + (rows + 1) * step


def page(rng, fonts):
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    body = ImageFont.truetype(rng.choice(fonts), rng.randint(27, 33))
    head = ImageFont.truetype(body.path, 46)
    draw.text((MARGIN, MARGIN), f"{rng.randint(1, 9)} " + sentence(rng)[:40], font=head, fill=0)
    top, bottom = MARGIN + 100, HEIGHT - MARGIN
    columns = rng.choice([1, 1, 2])
    width = (WIDTH - 2 * MARGIN - (columns - 1) * 50) // columns
    with_table = rng.random() < 0.25
    for column in range(columns):
        left, y = MARGIN + column * (width + 50), top
        if with_table and column == 0:
            y = table(draw, rng, body, left, y, left + width)
        while y + 7 * body.size < bottom:
            y = paragraph(draw, rng, body, left, y, left + width, rng.randint(2, 5))
    draw.text((WIDTH // 2, HEIGHT - 120), str(rng.randint(1, 700)), font=body, fill=0)
    return image.rotate(rng.uniform(-0.4, 0.4), resample=Image.BILINEAR, fillcolor=255)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fonts", default="/usr/share/fonts/truetype")
    options = parser.parse_args()
    fonts = [path for path in sorted(glob.glob(os.path.join(options.fonts, "**", "*.ttf"), recursive=True))
             if os.path.basename(path) in ("LiberationSerif-Regular.ttf", "LiberationSans-Regular.ttf", "DejaVuSerif.ttf")]
    if not fonts:
        parser.error(f"no Liberation or DejaVu fonts below {options.fonts}: name their folder by --fonts")
    os.makedirs(options.out, exist_ok=True)
    for number in range(options.count):
        rng = random.Random(options.seed * 1_000_003 + number)
        image = page(rng, fonts)
        if number % 2 == 0:
            image = image.point(lambda value: 255 if value > 150 else 0).convert("1", dither=Image.NONE)
        else:
            noise = Image.effect_noise(image.size, 12)
            image = Image.blend(image, noise, 0.08)
        image.save(os.path.join(options.out, f"scan-{number:05}.pdf"), resolution=200)


if __name__ == "__main__":
    main()
