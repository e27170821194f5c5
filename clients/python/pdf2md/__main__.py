"""python -m pdf2md DOCUMENT > document.md"""
import sys

import pdf2md


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: python -m pdf2md DOCUMENT", file=sys.stderr)
        return 2
    try:
        with pdf2md.Client() as client:
            sys.stdout.buffer.write(client.convert(sys.argv[1]).outputs["md"])
    except pdf2md.Error as problem:
        print(f"{sys.argv[1]}: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
