#!/bin/bash
# The HTTP gateway: what a program that speaks to a converter by HTTP sees.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh
out=$work/out
mkdir -p "$out"

# start_gateway OPTION...: sets $url.
start_gateway() {
  local port
  port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$bin/pdf2md-http" --listen "127.0.0.1:$port" "$@" 2> "$work/http.log" &
  gateway=$!
  url=http://127.0.0.1:$port
  wait_until 20 curl -s -o /dev/null "$url/health"
}
status_of() { curl -s -o "$out/body" -w '%{http_code}' "$@"; }
body() { field "$@" < "$out/body"; }

# --- without a daemon
start_gateway --socket "$work/nowhere.sock"
check "no daemon: health is 503" test "$(status_of "$url/health")" = 503
check "no daemon: and says so" test "$(body status model_loaded | paste -sd,)" = unreachable,false
check "no daemon: a document is for later" test "$(status_of -F "file=@$data/one-column.pdf" "$url/convert")" = 503
check "no daemon: the answer has its fields" test "$(body success pages_processed | paste -sd,)" = false,0
kill "$gateway" && wait "$gateway"
check "SIGTERM ends it in good order" test $? = 0

# --- with one
start_daemon http --workers 1 --threads 2
start_gateway --max-mib 1
check "health is 200" test "$(status_of "$url/health")" = 200
check "health has its fields" test "$(body status model_loaded gpu_available pool_size | paste -sd,)" = ok,true,false,1
check "metrics are Prometheus' text" grep -q '^pdf2md_' <(curl -s "$url/metrics")
"$ctl" convert --quiet "$data/one-column.pdf" > "$out/direct.md"
check "a document is converted" test "$(status_of -F "file=@$data/one-column.pdf" "$url/convert")" = 200
body markdown > "$out/http.md"
check "to the same Markdown" diff -B "$out/http.md" "$out/direct.md"
check "success, pages and no error" test "$(body success error | paste -sd,)" = true,null
check "pages are chosen" test "$(status_of -F "file=@$data/rotated.pdf" -F pages=2 "$url/convert"):$(body pages_processed)" = 200:1
check "a password is used" test "$(status_of -F "file=@$data/locked.pdf" -F password=lantern "$url/convert")" = 200
check "without it the fault is the document's" test "$(status_of -F "file=@$data/locked.pdf" "$url/convert")" = 422
check "and is named" grep -q password <(body error)
check "a wrong option is the request's fault" \
  test "$(status_of -F "file=@$data/one-column.pdf" -F ocr=perhaps "$url/convert")" = 400

head -c 2000000 /dev/zero > "$work/large"
check "a document that is too large is refused" test "$(status_of -F "file=@$work/large" "$url/convert")" = 413
check "no form" test "$(status_of --data-binary "@$data/one-column.pdf" "$url/convert")" = 400
check "a form without a document" test "$(status_of -F pages=1 "$url/convert")" = 400
check "another path" test "$(status_of "$url/other")" = 404
check "a web page's request is refused" \
  test "$(status_of -H 'Origin: https://example.org' -F "file=@$data/one-column.pdf" "$url/convert")" = 403
check "so is one under another name" test "$(status_of -H 'Host: example.org' "$url/health")" = 403
check "all the while it is well" test "$(status_of "$url/health")" = 200

expect_status "an address of other machines is refused" 2 "$bin/pdf2md-http" --listen 0.0.0.0:0 2> /dev/null

# --- a socket that is handed over
"$PYTHON" - "$bin/pdf2md-http" > "$out/activated" 2> /dev/null << 'END'
import os, socket, sys, urllib.request
listening = socket.create_server(("127.0.0.1", 0))
port = listening.getsockname()[1]
pid = os.fork()
if pid == 0:
    os.dup2(listening.fileno(), 3)
    os.set_inheritable(3, True)  # it may have been 3 before
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    os.execv(sys.argv[1], [sys.argv[1]])
listening.close()
print(urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60).status)
os.kill(pid, 15)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
check "a socket that the service manager made is used" test "$(paste -sd, "$out/activated")" = 200,0
kill "$gateway"
