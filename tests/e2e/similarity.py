"""How much of a text is in a Markdown file: similarity.py MARKDOWN TRUTH LEAST

Markup, white space and the kind of quotation marks are left aside; what counts is the characters and
their order. Prints the similarity (0 to 1) when it is less than LEAST, and fails.
"""
import difflib
import html
import re
import sys


def plain(text):
    text = re.sub(r"!\[([^]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[a-zA-Z/!][^>]*>", " ", text)
    text = html.unescape(text)
    text = re.sub(r"^\s*([-*+•])\s+", "", text, flags=re.MULTILINE)
    text = re.sub(r"^[\s|:-]+$", "", text, flags=re.MULTILINE)
    text = re.sub(r"[#*_`|\\]", "", text)
    text = text.translate(str.maketrans("’‘“”", "''\"\""))
    return re.sub(r"\s+", "", text)


def main():
    markdown, truth, least = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with open(markdown, encoding="utf-8") as a, open(truth, encoding="utf-8") as b:
        found, wanted = plain(a.read()), plain(b.read())
    value = difflib.SequenceMatcher(None, wanted, found, autojunk=False).ratio() if wanted or found else 1.0
    if value < least:
        print(f"{markdown}: similarity {value:.4f}, at least {least} wanted")
    return 0 if value >= least else 1


if __name__ == "__main__":
    sys.exit(main())
