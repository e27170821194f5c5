#!/bin/bash
# What is wrong here, what others need to know of a job, and a daemon behind a forwarded socket.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
out=$work/out
mkdir -p "$out"

# --- without a daemon
mkdir -p "$XDG_RUNTIME_DIR/pdf2md"
chmod 700 "$XDG_RUNTIME_DIR/pdf2md"
"$PYTHON" -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$XDG_RUNTIME_DIR/pdf2md/private.sock"
env -u PDF2MD_SOCKET "$ctl" doctor > "$out/alone"
check "doctor: no daemon is a note" grep -qE '^note +daemon' "$out/alone"
check "doctor: a socket on which nobody listens" grep -qE '^note +socket .*private.sock: nothing listens' "$out/alone"
check "doctor: fonts, memory, sandbox, models, gpu" \
  test "$(grep -cE '^(ok|note|bad) +(fonts|memory|sandbox|models|gpu) ' "$out/alone")" -ge 5
expect_status "doctor: a daemon that is named and away is bad" 1 "$ctl" --socket "$work/none.sock" doctor > /dev/null

# --- with one
start_daemon doctor --workers 1 --threads 2
"$ctl" doctor --json > "$out/doctor.json"
check "doctor: the daemon is in order" "$PYTHON" - "$out/doctor.json" << 'END'
import json, sys
findings = {f["about"]: f for f in json.load(open(sys.argv[1]))["findings"]}
assert findings["health"]["level"] == "ok", findings
assert findings["daemon"]["level"] == "ok", findings
assert "free at" in findings["disk"]["says"], findings
END

job=$("$ctl" submit --name "secret name.pdf" "$data/one-column.pdf")
"$ctl" wait "$job" > /dev/null
expect_status "bug-report: written" 0 "$ctl" bug-report "$job" -o "$out/report.tar" 2> /dev/null
check "bug-report: tar can read it" tar -tf "$out/report.tar" > "$out/names"
for name in versions.json job.json pages.json deaths.json daemon.json; do
  check "bug-report: holds $name" grep -qx "pdf2md-job-$job/$name" "$out/names"
done
check "bug-report: no text and no name of the document" \
  test "$(tar -xOf "$out/report.tar" | grep -cE 'secret name|Northern Light')" = 0
expect_status "bug-report: with content" 0 "$ctl" bug-report "$job" --with-content -o "$out/full.tar" 2> /dev/null
check "bug-report: then the text is there" grep -q 'Northern Light' <(tar -xOf "$out/full.tar")
expect_status "bug-report: a job that is not there" 1 "$ctl" bug-report 4711 -o "$out/no.tar" 2> /dev/null
check "bug-report: leaves nothing behind" test ! -e "$out/no.tar"

# --- through a forwarded socket, as ssh -L makes one
"$ctl" convert --quiet "$data/report.pdf" > "$out/near.md"
"$PYTHON" - "$work/forwarded.sock" "$PDF2MD_SOCKET" << 'END' &
import socket, sys, threading
here = socket.socket(socket.AF_UNIX)
here.bind(sys.argv[1])
here.listen()
def pump(source, target):
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)
while True:
    near = here.accept()[0]
    far = socket.socket(socket.AF_UNIX)
    far.connect(sys.argv[2])
    for ends in ((near, far), (far, near)):
        threading.Thread(target=pump, args=ends, daemon=True).start()
END
forwarder=$!
wait_until 20 test -S "$work/forwarded.sock"
"$ctl" --socket "$work/forwarded.sock" convert --quiet "$data/report.pdf" > "$out/far.md"
check "forwarded: the same bytes" cmp "$out/near.md" "$out/far.md"
far_job=$("$ctl" --socket "$work/forwarded.sock" submit "$data/scan.pdf")
kill "$forwarder"
wait "$forwarder" 2> /dev/null
expect_status "forwarded: what was submitted goes on without the way there" 0 "$ctl" wait "$far_job"
stop_daemon
