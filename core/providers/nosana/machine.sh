# Runs one job in the image it was paid for, at a Nosana host. NECTO_URL is where the job is, and the machine's whole right
# to it. Needs sh with the usual tools, and one of curl, python3 and wget. Nothing is written to the host's log.
set -u
umask 077
work=$(mktemp -d)
log=$work/log
answer=$work/answer
status=000
sent=0
none=$work/none
: >"$log"
: >"$none"
NECTO_OUTPUT=${NECTO_OUTPUT:-/output}
mkdir -p "$NECTO_OUTPUT" 2>/dev/null
boot=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || date +%s)-$$
python='import sys, urllib.request as r, urllib.error as e
m, u, f, a = sys.argv[1:]
q = r.Request(u, method=m, data=None if m == "GET" else open(f, "rb").read())
try:
    p = r.urlopen(q, timeout=20)
except e.HTTPError as x:
    p = x
open(a, "wb").write(p.read())
print(p.status)'

# call METHOD ROUTE FILE: sets status and the file answer; status is 000 when nobody answered.
call() {
  if command -v curl >/dev/null 2>&1; then
    if [ "$1" = GET ]; then set -- "$1" "$2" "$none"; fi
    status=$(curl -s -m 20 -o "$answer" -w '%{http_code}' -X "$1" -H 'content-type: application/octet-stream' \
      --data-binary "@$3" "$NECTO_URL/$2" 2>/dev/null)
  elif command -v python3 >/dev/null 2>&1; then
    status=$(python3 -c "$python" "$1" "$NECTO_URL/$2" "$3" "$answer" 2>/dev/null)
  else
    if [ "$1" = GET ]; then
      wget -S -q -T 20 -t 1 -O "$answer" "$NECTO_URL/$2" 2>"$work/head"
    else
      wget -S -q -T 20 -t 1 -O "$answer" --method="$1" --body-file="$3" "$NECTO_URL/$2" 2>"$work/head"
    fi
    status=$(sed -n 's/^ *HTTP[^ ]* \([0-9][0-9]*\).*/\1/p' "$work/head" | tail -n 1)
  fi
  status=${status:-000}
}

# insist ...: the same until it is answered, for as long as a restart of Necto may take; false when it is refused.
insist() {
  tries=0
  while [ "$tries" -lt 60 ]; do
    call "$@"
    case $status in
      2*) return 0 ;;
      4*) return 1 ;;
    esac
    tries=$((tries + 1))
    sleep 5
  done
  return 1
}

size() { wc -c <"$1" | tr -d ' '; }

# Sends what the log has grown by; false when that could not be done now.
ship() {
  while [ "$sent" -lt "$(size "$log")" ]; do
    tail -c "+$((sent + 1))" "$log" | head -c 200000 >"$work/chunk"
    call POST "log?offset=$sent" "$work/chunk"
    [ "$status" = 200 ] || return 1
    sent=$(tr -dc 0-9 <"$answer")
  done
}

insist GET job "$none" || exit 1
. "$answer"
rm -f "$answer"
insist POST "started?boot=$boot" "$none" || exit 1

# In a shell of its own, so that the address is not in what the program sees.
(
  unset NECTO_URL
  while IFS= read -r line; do
    [ -z "$line" ] || export "${line?}"
  done <<EOF
$NECTO_ENV
EOF
  unset NECTO_ENV
  export NECTO_OUTPUT
  exec "$@"
) >"$log" 2>&1 </dev/null &
program=$!
NECTO_ENV=

start=$(date +%s)
heard=$start
beat=$start
over=
stop() {
  [ -n "$over" ] && return
  over=$(date +%s)
  kill -TERM "$program" 2>/dev/null
}
while kill -0 "$program" 2>/dev/null; do
  ship
  now=$(date +%s)
  if [ "$now" -ge "$beat" ]; then
    beat=$((now + ${NECTO_BEAT_SECONDS:-10}))
    call POST heartbeat "$none"
    case $status in
      200)
        heard=$now
        [ "$(cat "$answer")" = stop ] && stop
        ;;
      4*) stop ;;
    esac
  fi
  # Nobody pays for what nobody can see.
  [ $((now - heard)) -gt 3600 ] && stop
  [ $((now - start)) -ge "$NECTO_MAX_SECONDS" ] && stop
  [ -n "$over" ] && [ $((now - over)) -gt 15 ] && kill -KILL "$program" 2>/dev/null
  sleep 1
done
wait "$program"
code=$?

if [ -n "$(ls -A "$NECTO_OUTPUT" 2>/dev/null)" ]; then
  if ! tar -C "$NECTO_OUTPUT" -czf "$work/output.tar.gz" . 2>/dev/null; then
    echo 'necto: the image has no tar and gzip, so the output is not kept' >>"$log"
  elif [ "$(size "$work/output.tar.gz")" -gt 8388608 ]; then
    echo 'necto: the output has more than 8 MiB and is not kept' >>"$log"
  else
    insist PUT output "$work/output.tar.gz"
  fi
fi
tries=0
until ship || [ "$tries" -ge 30 ]; do
  case $status in 4*) break ;; esac
  tries=$((tries + 1))
  sleep 2
done
insist POST "ended?exitCode=$code" "$none"
