#!/usr/bin/env python3
"""Compares two folders of Markdown files: compare.py CPU CUDA [least-similarity]

Prints one line a document and the mean; fails when a document is less similar than asked for
(0.98): fp16 may read a smudged character differently, but never a paragraph.
"""
import difflib
import pathlib
import sys


def similarity(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() if a or b else 1.0


def main() -> int:
    first, second = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    least = float(sys.argv[3]) if len(sys.argv) > 3 else 0.98
    names = sorted({p.name for p in first.glob("*.md")} | {p.name for p in second.glob("*.md")})
    if not names:
        print(f"compare.py: no *.md in {first} or {second}")
        return 1
    values = []
    for name in names:
        texts = []
        for folder in (first, second):
            path = folder / name
            texts.append(path.read_text(encoding="utf-8") if path.exists() else None)
        value = 0.0 if None in texts else similarity(texts[0], texts[1])
        values.append(value)
        print(f"{name:40} {value:.4f}{'' if value >= least else '   TOO DIFFERENT'}")
    print(f"{len(values)} documents, mean similarity {sum(values) / len(values):.4f}")
    return 0 if min(values) >= least else 1


if __name__ == "__main__":
    sys.exit(main())
