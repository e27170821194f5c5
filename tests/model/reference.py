#!/usr/bin/env python3
"""Reference numbers for the model tests: every network on the same inputs in ONNX Runtime.

usage: reference.py MODEL_DIR OUT_DIR      (needs numpy, onnxruntime, pillow)

The images are rendered here: lines of text and whole pages in several fonts and scripts, blurred, noisy and
skewed as scans are. With PDF2MD_CORPUS=DIR, pages of the PDFs below DIR are used as well (needs pdftoppm).

OUT_DIR/<role>/<case>.input.bin, .output<k>.bin   tensors: "TNSR", rank and sizes (int64), float32 data
OUT_DIR/lines/<n>.ppm, lines.txt                  text lines and what they say
OUT_DIR/pages/<n>.ppm, <n>.txt                    pages; "x0 y0 x1 y1 text" of each line
"""
import glob
import os
import random
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import onnxruntime
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-Regular.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf",
    "/usr/share/fonts/truetype/liberation2/LiberationSerif-Italic.ttf",
]
CJK_FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"
LATIN = """The quick brown fox jumps over the lazy dog while 3,141 bees watch from the old apple tree.
Of the several methods described in chapter 12, only two were found to be of any practical use.
Grüße aus Köln: die Straße ist länger als man denkt, und das Wetter war schön.
L'été dernier, près de la forêt, nous avons goûté à des pâtisseries où rien ne manquait.
In 1848 the total amounted to 27.5 per cent (see Table 4), or about 1,250 tons a year.
Energy is conserved; momentum is conserved; patience, regrettably, is not.
"Who goes there?" cried the sentry, but no answer came out of the fog.
e-mail: someone@example.org, tel. +49 221 555-0199, http://www.example.org/a/b?c=d""".split("\n")
CJK = """汉字识别需要大量的训练数据和合适的网络结构。
東京の冬は乾燥していて、空がとても青い。
数学家证明了这个定理,但是过程非常复杂。""".split("\n")


def font_for(text, size, rng):
    cjk = any(ord(c) > 0x2E80 for c in text)
    return ImageFont.truetype(CJK_FONT if cjk else rng.choice(FONTS), size)


def some_text(rng, words):
    if rng.random() < 0.15:
        line = rng.choice(CJK)
        return line[: max(2, min(len(line), words * 2))]
    all_words = rng.choice(LATIN).split()
    start = rng.randrange(max(1, len(all_words) - words + 1))
    text = " ".join(all_words[start : start + words])
    while len(text.split()) < words:
        text += " " + rng.choice(rng.choice(LATIN).split())
    return text


def aged(image, rng):
    """Blur, uneven ink and paper noise."""
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 0.9)))
    pixels = np.asarray(image).astype(np.float32)
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, rng.uniform(0, 8), pixels.shape)
    pixels = pixels * rng.uniform(0.85, 1.0) + rng.uniform(0, 20) + noise
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def line_image(rng, words):
    text = some_text(rng, words)
    font = font_for(text, rng.randint(22, 44), rng)
    left, top, right, bottom = font.getbbox(text)
    margin = rng.randint(3, 8)
    image = Image.new("RGB", (right - left + 2 * margin, bottom - top + 2 * margin), (255, 255, 255))
    ink = rng.randint(0, 70)
    ImageDraw.Draw(image).text((margin - left, margin - top), text, font=font, fill=(ink, ink, ink))
    return aged(image.rotate(rng.uniform(-0.6, 0.6), Image.BICUBIC, fillcolor=(255, 255, 255)), rng), text


def page_image(rng, width, height):
    page = Image.new("RGB", (width, height), (255, 255, 255))
    draw = ImageDraw.Draw(page)
    boxes = []
    size = rng.randint(height // 80, height // 50)
    y = height // 12
    while y < height * 11 // 12:
        if rng.random() < 0.12:
            y += size * 2
            continue
        text = some_text(rng, rng.randint(2, 11))
        font = font_for(text, size, rng)
        while font.getlength(text) > width * 0.8 and " " in text:
            text = text.rsplit(" ", 1)[0]
        x = width // 10
        box = draw.textbbox((x, y), text, font=font)
        if box[2] < width:
            draw.text((x, y), text, font=font, fill=(20, 20, 20))
            boxes.append((*box, text))
        y += int(size * rng.uniform(1.35, 1.7))
    return aged(page, rng), boxes


def table_image(rng):
    rows, columns = rng.randint(2, 7), rng.randint(2, 6)
    cell_w, cell_h = rng.randint(60, 140), rng.randint(24, 48)
    image = Image.new("RGB", (columns * cell_w + 3, rows * cell_h + 3), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for r in range(rows + 1):
        draw.line((0, r * cell_h, columns * cell_w, r * cell_h), fill=(0, 0, 0))
    for c in range(columns + 1):
        draw.line((c * cell_w, 0, c * cell_w, rows * cell_h), fill=(0, 0, 0))
    font = ImageFont.truetype(FONTS[0], cell_h // 2)
    for r in range(rows):
        for c in range(columns):
            draw.text((c * cell_w + 4, r * cell_h + cell_h // 5), str(rng.randint(0, 9999)), font=font, fill=(0, 0, 0))
    return aged(image, rng)


def corpus_pages(directory, count):
    pages = []
    for pdf in sorted(glob.glob(os.path.join(directory, "**", "*.pdf"), recursive=True)):
        if len(pages) >= count:
            break
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["pdftoppm", "-r", "150", "-l", "1", pdf, folder + "/p"], stderr=subprocess.DEVNULL)
            for name in sorted(os.listdir(folder))[:1]:
                pages.append(Image.open(os.path.join(folder, name)).convert("RGB").copy())
    return pages


def normalised(image, size, mean, std, pad_to=None):
    """BGR, as the networks take it; padding is zero after normalisation."""
    pixels = np.asarray(image.resize(size, Image.BILINEAR))[:, :, ::-1].astype(np.float32) / 255
    pixels = (pixels - np.array(mean, np.float32)) / np.array(std, np.float32)
    if pad_to:
        padded = np.zeros((pad_to[1], pad_to[0], 3), np.float32)
        padded[: size[1], : size[0]] = pixels
        pixels = padded
    return pixels.transpose(2, 0, 1)


def write_tensor(path, array):
    array = np.ascontiguousarray(array, np.float32)
    with open(path, "wb") as out:
        out.write(b"TNSR")
        out.write(np.array([array.ndim, *array.shape], np.int64).tobytes())
        out.write(array.tobytes())


class Role:
    def __init__(self, entry, models, out):
        self.entry, self.count, self.crops = entry, 0, 0
        self.folder = os.path.join(out, entry["role"])
        os.makedirs(self.folder, exist_ok=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(os.path.join(models, entry["file"]), options, ["CPUExecutionProvider"])

    def case(self, batch):
        data = np.stack(batch)
        name = self.session.get_inputs()[0].name
        if self.entry["role"] == "layout":  # its file runs one image at a time
            rows = [self.session.run(None, {name: row[None]}) for row in data]
            outputs = [np.concatenate(parts) for parts in zip(*rows)]
        else:
            outputs = self.session.run(None, {name: data})
        if self.entry["role"] == "text-recognition":
            # Best class, its probability, and every 61st probability: the whole would be 3 MB a line.
            probabilities = outputs[0]
            outputs = [probabilities.argmax(-1), probabilities.max(-1), probabilities[..., ::61]]
        stem = os.path.join(self.folder, f"{self.count:03d}")
        write_tensor(stem + ".input.bin", data)
        for k, output in enumerate(outputs):
            write_tensor(f"{stem}.output{k}.bin", output)
        self.count += 1
        self.crops += len(batch)

    def image(self, image, size, pad_to=None):
        return normalised(image, size, self.entry["mean"], self.entry["std"], pad_to)


def main():
    models, out = sys.argv[1], sys.argv[2]
    rng = random.Random(20)
    with open(os.path.join(models, "manifest.toml"), "rb") as file:
        entries = {entry["role"]: entry for entry in tomllib.load(file)["model"]}
    roles = {name: Role(entry, models, out) for name, entry in entries.items()}
    for folder in ("lines", "pages"):
        os.makedirs(os.path.join(out, folder), exist_ok=True)

    lines = [line_image(rng, 1 + k % 12) for k in range(72)]
    with open(os.path.join(out, "lines", "lines.txt"), "w", encoding="utf-8") as file:
        for k, (image, text) in enumerate(lines):
            image.save(os.path.join(out, "lines", f"{k:03d}.ppm"))
            file.write(text + "\n")
    by_width = {}
    for image, _ in lines:
        width = min(int(np.ceil(48 * image.width / image.height)), 1920)
        bucket = next(w for w in entries["text-recognition"]["settings"]["widths"] if w >= width)
        role = roles["text-recognition"]
        by_width.setdefault(bucket, []).append(role.image(image, (width, 48), (bucket, 48)))
    for bucket, crops in sorted(by_width.items()):
        roles["text-recognition"].case(crops[:1])
        for k in range(1, len(crops), 5):
            roles["text-recognition"].case(crops[k : k + 5])
    role = roles["line-orientation"]
    turned = [image.rotate(180) if k % 2 else image for k, (image, _) in enumerate(lines)]
    crops = [role.image(i, (min(192, int(np.ceil(48 * i.width / i.height))), 48), (192, 48)) for i in turned]
    role.case(crops[:1])
    for k in range(1, len(crops), 8):
        role.case(crops[k : k + 8])

    pages = [page_image(rng, *rng.choice([(827, 1169), (1169, 827), (1240, 1754), (900, 900)])) for _ in range(16)]
    for k, (image, boxes) in enumerate(pages):
        image.save(os.path.join(out, "pages", f"{k:03d}.ppm"))
        with open(os.path.join(out, "pages", f"{k:03d}.txt"), "w", encoding="utf-8") as file:
            for box in boxes:
                file.write(" ".join(str(v) for v in box) + "\n")
    images = [image for image, _ in pages]
    if os.environ.get("PDF2MD_CORPUS"):
        images += corpus_pages(os.environ["PDF2MD_CORPUS"], 48)
    # 64 crops for each network: whole pages and quarters of them.
    crops = list(images)
    while len(crops) < 66:
        page = rng.choice(images)
        w, h = page.width, page.height
        x, y = rng.randrange(w // 2), rng.randrange(h // 2)
        crops.append(page.crop((x, y, x + w // 2, y + h // 2)))
    role = roles["text-detection"]
    sizes = [(320, 448), (448, 320), (512, 512), (640, 896)]
    for k, size in enumerate(sizes):
        some = [role.image(crop, size) for crop in crops[k :: len(sizes)]]
        role.case(some[:1])
        for j in range(1, len(some), 4):
            role.case(some[j : j + 4])
    role = roles["layout"]
    batches = [role.image(crop, (608, 800)) for crop in crops]
    role.case(batches[:1])
    for k in range(1, len(batches), 5):
        role.case(batches[k : k + 5])
    role = roles["page-orientation"]
    batches = [role.image(crop.rotate(90 * (k % 4), expand=True), (224, 224)) for k, crop in enumerate(crops)]
    role.case(batches[:1])
    for k in range(1, len(batches), 8):
        role.case(batches[k : k + 8])
    role = roles["table-structure"]
    batches = []
    for _ in range(64):
        image = table_image(rng)
        scale = 488 / max(image.size)
        batches.append(role.image(image, (int(image.width * scale), int(image.height * scale)), (488, 488)))
    role.case(batches[:1])
    for k in range(1, len(batches), 3):
        role.case(batches[k : k + 3])
    for name, role in roles.items():
        print(f"{name}: {role.crops} crops in {role.count} runs")


main()
