#!/bin/bash
# The Python client, installed by pip from the tree, as a program would use it.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

cp -r clients/python "$work/source"  # pip leaves its traces where it builds
check "pip installs it" "$PYTHON" -m pip install --quiet --no-deps --no-build-isolation --no-index \
  --disable-pip-version-check --target "$work/site" "$work/source"
export PYTHONPATH=$work/site:$PYTHONPATH

start_daemon client --workers 1 --threads 2
"$ctl" convert --quiet "$data/report.pdf" > "$work/direct.md"
"$PYTHON" -m pdf2md "$data/report.pdf" > "$work/client.md"
check "the same bytes as pdf2mdctl's" cmp "$work/direct.md" "$work/client.md"
expect_status "a document that cannot be converted" 1 "$PYTHON" -m pdf2md "$data/not-a-document.pdf" 2> "$work/said"
check "is named with its reason" grep -q 'not-a-document.pdf: ' "$work/said"
check "everything that the module offers" "$PYTHON" - "$data" << 'END'
import pathlib, sys, pdf2md
data = pathlib.Path(sys.argv[1])
seen = []
with pdf2md.Client() as client:
    assert client.health().ready
    result = client.convert(data / "rotated.pdf", on_progress=seen.append)
    assert seen[-1].state == "done" and seen[-1].pages_done == seen[-1].pages_total > 1, seen
    assert client.convert((data / "rotated.pdf").read_bytes()).markdown == result.markdown
    with open(data / "locked.pdf", "rb") as file:
        assert client.convert(file, passwords=["wrong", "lantern"], outputs=["md", "json"]).outputs["json"]
    try:
        client.convert(data / "locked.pdf")
    except pdf2md.Error as error:
        assert error.code == 203 and error.hint, error
    else:
        raise AssertionError("no password was needed")
    job = client.submit(data / "one-column.pdf")
with pdf2md.Client() as client:
    assert client.wait(job).state == "done"
    assert client.result(job).job.name == "one-column.pdf"
    assert client.convert(data / "figure-link.pdf", images=True).outputs["assets/p0001-1.png"].startswith(b"\x89PNG")
    try:
        client.status(10**9)
    except pdf2md.Error as error:
        assert error.code == 400, error
try:
    pdf2md.Client("/nowhere.sock")
except pdf2md.Error as error:
    assert error.code == 500, error
END
