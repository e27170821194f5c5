#!/bin/bash
# Metrics and health of a daemon with real models, before and after work.
# shellcheck source=tests/e2e/common.sh
. tests/e2e/common.sh

is_prometheus() { "$PYTHON" tests/e2e/prometheus.py < "$1"; }
value() { sed -n "s/^$2 //p" "$1"; }  # FILE SAMPLE

start_daemon metrics --workers 1 --set metrics.textfile="$work/pdf2md.prom" --set metrics.interval_s=0.2
"$ctl" metrics > "$work/before"
check "metrics of an idle daemon are in Prometheus' format" is_prometheus "$work/before"
check "a daemon that can convert is live and ready" "$ctl" health --live --ready
expect_status "a document is converted" 0 "$ctl" convert "$data/scan.pdf" -o "$work/scan.md"
"$ctl" metrics > "$work/after"
check "metrics after work are in Prometheus' format" is_prometheus "$work/after"
check "the page is counted" [ "$(value "$work/after" 'pdf2md_pages_total{status="ok"}')" = 1 ]
check "the job is counted" [ "$(value "$work/after" 'pdf2md_jobs_finished_total{state="done"}')" = 1 ]
check "the worker's memory is known" [ "$(value "$work/after" 'pdf2md_worker_resident_memory_bytes{slot="0"}' | cut -c1)" != 0 ]
in_file() { [[ $(value "$work/pdf2md.prom" 'pdf2md_pages_total{status="ok"}') == 1 ]]; }
check "the file follows" wait_until 20 in_file
check "and is in Prometheus' format" is_prometheus "$work/pdf2md.prom"
kill -KILL "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
expect_status "a daemon that is gone is not live" 1 "$ctl" health --live
expect_status "nor ready" 1 "$ctl" health --ready
