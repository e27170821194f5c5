#!/bin/bash
# The shipped units, unmodified, under a systemd that is PID 1 (systemd-nspawn): from the first client
# to a restart in the middle of work. `make systemd-check`; needs root, systemd-nspawn and debootstrap.
#
# BUILD/systemd/tree is a Debian with nothing but the libraries that the programs link; it is made once
# (delete it to have it made again), and `make install` goes into it each time. Says "ok - what" or
# "not ok - what" for each thing; ends with the figure of systemd-analyze security.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
BUILD=$(realpath "${BUILD:-build}")
export BUILD DEPS=${DEPS:-.deps}
tree=${SYSTEMD_TREE:-$BUILD/systemd/tree}
logs=$BUILD/systemd
# Where this machine gets its own packages from.
mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format "\$(SITE)" 'Created-By: Packages' | head -n 1)}
failures=0

ok() { echo "ok - $1"; }
not_ok() { echo "not ok - $1"; failures=$((failures + 1)); }
check() {  # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then ok "$name"; else not_ok "$name"; fi
}
wait_until() {  # SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

for tool in systemd-nspawn debootstrap nsenter; do
  command -v "$tool" > /dev/null || { echo "needs $tool (apt install systemd-container debootstrap)"; exit 77; }
done
((EUID == 0)) || { echo "needs root"; exit 77; }

# --- the tree ------------------------------------------------------------------------------------
packages_of() {  # PROGRAM...: the Debian packages of the libraries that they load
  ldd "$@" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | sort -u | while read -r library; do
    dpkg-query -S "$(realpath "$library")" 2> /dev/null | head -n 1 | cut -d : -f 1
  done | sort -u | paste -sd ,
}

mkdir -p "$logs"
if [[ ! -x $tree/lib/systemd/systemd ]]; then
  echo "# making $tree"
  debootstrap --variant=minbase \
    --include="systemd,systemd-sysv,dbus,libpam-systemd,procps,poppler-data,fonts-dejavu-core,$(packages_of "$BUILD"/bin/pdf2m*)" \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$tree" "$mirror" > "$logs/debootstrap.log" 2>&1 ||
    { tail "$logs/debootstrap.log"; exit 1; }
fi
PREFIX=/usr/local DESTDIR=$tree scripts/install.sh > "$logs/install.log" || exit 1
for unit in systemd/pdf2mdd.service systemd/pdf2mdd.socket; do
  check "$unit is installed as it is" cmp -s "$unit" "$tree/usr/local/lib/systemd/system/${unit##*/}"
done
rm -rf "$tree/etc/pdf2md" "$tree/var/lib/pdf2md" "$tree"/var/log/journal/* "$tree/root/"*.pdf
mkdir -p "$tree/etc/pdf2md" "$tree/var/log/journal"
cp "$BUILD"/data/scan.pdf "$BUILD"/data/logbook.pdf "$tree/root/"
chmod 755 "$tree/root"
chmod 644 "$tree"/root/*.pdf
systemctl --quiet --root="$tree" enable pdf2mdd.socket

# --- PID 1 ---------------------------------------------------------------------------------------
options=(--quiet --directory="$tree" --machine="pdf2md-$$" --boot --console=read-only)
# Where there is no systemd outside, nobody can make a scope for the container.
[[ -d /run/systemd/system ]] || options+=(--register=no --keep-unit)
systemd-nspawn "${options[@]}" > "$logs/boot.log" 2>&1 < /dev/null &
nspawn=$!
leader=
inside() { nsenter --target "$leader" --all -- "$@"; }
shut_down() {
  if [[ -n $leader ]]; then inside systemctl poweroff > /dev/null 2>&1; fi
  wait_until 30 bash -c "! kill -0 $nspawn" || kill -KILL "$nspawn" 2> /dev/null
}
trap shut_down EXIT
has_leader() { leader=$(pgrep -P "$nspawn" | head -n 1) && [[ -n $leader ]]; }
wait_until 30 has_leader || { tail "$logs/boot.log"; exit 1; }
has_booted() { [[ $(inside systemctl is-system-running) =~ running|degraded ]]; }
wait_until 60 has_booted || { not_ok "systemd boots"; tail "$logs/boot.log"; exit 1; }
check "systemd is PID 1" [ "$(inside cat /proc/1/comm)" = systemd ]

inside useradd --create-home --groups pdf2md reader 2> /dev/null
inside useradd --create-home stranger 2> /dev/null
as() { local user=$1; shift; inside setpriv --reuid="$user" --regid="$user" --init-groups -- env HOME="/home/$user" "$@"; }
property() { inside systemctl show --value --property "$1" pdf2mdd.service; }
main_pid() { property MainPID; }
journal() { inside journalctl --no-pager --unit pdf2mdd.service "$@"; }
is_active() { [[ $(property ActiveState) == active ]]; }

# --- before the first client ---------------------------------------------------------------------
check "systemd-analyze verify has nothing to say" \
  [ -z "$(inside systemd-analyze verify --man=no pdf2mdd.service pdf2mdd.socket 2>&1 | tee "$logs/verify.log")" ]
check "the socket is the group's" [ "$(inside stat -c '%U:%G %a' /run/pdf2md/pdf2md.sock)" = "root:pdf2md 660" ]
check "nothing runs before the first client" [ "$(property ActiveState)" = inactive ]

# --- the first client ----------------------------------------------------------------------------
as reader pdf2mdctl convert --no-start --timeout 300 /root/scan.pdf > "$logs/scan.md" 2> "$logs/scan.err" &
convert=$!
was_activating() { [[ $(property ActiveState) == activating ]]; }
check "the first client starts the service" wait_until 20 was_activating
check "it lives while its worker loads" inside pdf2mdctl health --live
check "it becomes active" wait_until 300 is_active
check "READY came with a warm worker" inside pdf2mdctl health --ready
# Both clocks are the same; the journal has microseconds.
warm_us=$(journal -o json PDF2MD_WHO=pdf2mdd | sed -n '/"MESSAGE":"pdf2mdd: worker is ready/s/.*"__REALTIME_TIMESTAMP":"\([0-9]*\)".*/\1/p' | head -n 1)
active_us=$(($(inside date -d "$(property ActiveEnterTimestamp)" +%s) * 1000000 + 999999))
check "and not before" [ "${warm_us:-0}" -gt 0 -a "$active_us" -ge "${warm_us:-0}" ]
wait "$convert"
check "an ordinary user of the group converts a scan" [ "$?" = 0 ]
check "the Markdown holds the scan's words" grep -qi lighthouse "$logs/scan.md"
as stranger pdf2mdctl --socket /run/pdf2md/pdf2md.sock health > /dev/null 2>&1
check "a user outside the group cannot connect" [ "$?" = 3 ]
check "STATUS= is kept current" grep -q 'workers\? (.*pages/s' <<< "$(property StatusText)"
echo "# $(property StatusText)"

# --- the journal ---------------------------------------------------------------------------------
journal -o json > "$logs/journal.json"
check "journal entries have fields of their own" grep -q '"PDF2MD_JOB":"1"' "$logs/journal.json"
check "and the workers theirs" grep -q '"PDF2MD_SLOT":"0"' "$logs/journal.json"

# --- reload --------------------------------------------------------------------------------------
before=$(main_pid)
check "systemctl reload" inside systemctl reload pdf2mdd.service
check "the same process serves on" [ "$(main_pid)" = "$before" ]
check "the reload is in the journal" wait_until 10 bash -c "nsenter --target $leader --all journalctl -u pdf2mdd | grep -qi 'configuration'"
check "it is active again after the reload" wait_until 10 is_active

# --- restart in the middle of work ---------------------------------------------------------------
job=$(as reader pdf2mdctl submit /root/logbook.pdf)
pages_done() { as reader pdf2mdctl status --json "$job" | tr ',' '\n' | sed -n 's/.*"pages_done":\([0-9]*\).*/\1/p'; }
some_pages() { (($(pages_done) >= 2)); }
check "a long document is under way" wait_until 120 some_pages
restarts=$(property NRestarts)
check "systemctl restart" inside systemctl restart pdf2mdd.service
check "active again" wait_until 300 is_active
is_over() { as reader pdf2mdctl status --json "$job" | grep -q '"state":"\(done\|failed\)"'; }
check "the job ends" wait_until 300 is_over
check "the job is done" grep -q '"state":"done"' <<< "$(as reader pdf2mdctl status --json "$job")"
check "no automatic restart was needed" [ "$(property NRestarts)" = "$restarts" ]

# --- a supervisor that dies, and one that hangs --------------------------------------------------
before=$(main_pid)
inside kill -KILL "$before"
came_back() { is_active && [[ $(main_pid) != "$before" ]]; }
check "after SIGKILL it is started again" wait_until 120 came_back
check "and converts" as reader pdf2mdctl convert --no-start /root/scan.pdf -o /tmp/again.md
before=$(main_pid)
inside kill -STOP "$before"
start=$SECONDS
check "a stopped supervisor is killed by the watchdog and started again" wait_until 300 came_back
echo "# after $((SECONDS - start)) s"
check "the journal says so" grep -q "Watchdog timeout" <<< "$(journal)"
check "it serves" as reader pdf2mdctl convert --no-start /root/scan.pdf -o /tmp/again.md
check "the same Markdown as before" cmp -s "$logs/scan.md" <(inside cat /tmp/again.md)

# --- the end -------------------------------------------------------------------------------------
worker=$(inside pgrep -o pdf2md-worker)
inside kill -TERM "$(main_pid)"
gone() { ! inside kill -0 "$worker"; }
check "nothing outlives the daemon" wait_until 60 gone
inside systemctl stop pdf2mdd.socket pdf2mdd.service
check "the state stays the user's own" [ "$(inside stat -c '%U %a' /var/lib/pdf2md)" = "pdf2md 700" ]
inside systemd-analyze security --no-pager pdf2mdd.service > "$logs/security.log"
tail -n 1 "$logs/security.log"
((failures == 0))
