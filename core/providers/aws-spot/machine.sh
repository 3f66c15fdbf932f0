# Runs one job on a rented machine and shuts the machine down, whatever happens. NECTO_URL is where its job is, and the
# machine's whole right to it; NECTO_LIMIT_MINUTES is when it is to be gone in any case. Needs bash, curl, tar and docker.
set -u
umask 077
shutdown -h "+${NECTO_LIMIT_MINUTES:?}"
trap 'shutdown -h now' EXIT

imds=${NECTO_IMDS:-http://169.254.169.254}
boot=$(cat /proc/sys/kernel/random/uuid)
work=$(mktemp -d)
log=$work/log
container=necto
answer=
status=
sent=0
: >"$log"
# The program may run as any user.
mkdir "$work/output" && chmod 777 "$work/output" && chmod 711 "$work"

# call METHOD ROUTE [curl's arguments]: sets status and answer; status is 000 when nobody answered.
call() {
  local reply
  reply=$(curl --silent --max-time 20 --write-out '\n%{http_code}' --request "$1" "${@:3}" "${NECTO_URL:?}/$2")
  status=${reply##*$'\n'}
  answer=${reply%$'\n'*}
  answer=${answer%$'\n'}
}

# insist ...: the same until it is answered, for as long as a restart of Necto may take; false when it is refused. Of what
# begins with 4 only these are Necto's own last word; others may come from what stands before it.
insist() {
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    call "$@"
    case $status in
      2*) return 0 ;;
      409 | 41[03]) return 1 ;;
    esac
    sleep $((tries < 10 ? tries + 1 : 10))
  done
  return 1
}

# Sends what the log has grown by; false when that could not be done now.
ship() {
  local size
  size=$(stat -c %s "$log")
  while ((sent < size)); do
    tail -c "+$((sent + 1))" "$log" | head -c 200000 >"$work/chunk"
    call POST "log?offset=$sent" --data-binary "@$work/chunk"
    [ "$status" = 200 ] || return 1
    sent=$answer
  done
}

# Whether AWS has announced that it takes the machine back, two minutes ahead.
is_reclaimed() {
  local token
  token=$(curl --silent --fail --max-time 2 --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' \
    "$imds/latest/api/token") || return 1
  curl --silent --fail --max-time 2 --output /dev/null --header "X-aws-ec2-metadata-token: $token" \
    "$imds/latest/meta-data/spot/instance-action"
}

for ((tries = 0; tries < 60; tries++)); do
  docker info >/dev/null 2>&1 && break
  sleep 2
done

# The job's variables, and its program as "$@". Nothing of it touches the disk.
insist GET job || exit
eval "$answer"

if ! timeout 800 docker pull --quiet -- "${NECTO_IMAGE:?}" >/dev/null 2>&1; then
  insist POST 'ended?exitCode=125'
  exit
fi
insist POST "started?boot=$boot" || exit

timeout --kill-after=15 "${NECTO_MAX_SECONDS:?}" docker run --rm --init --name "$container" \
  --gpus "${NECTO_GPUS:?}" --security-opt no-new-privileges --pids-limit 4096 --pull never \
  --volume "$work/output:/output" --env NECTO_OUTPUT=/output --env-file <(printf '%s' "${NECTO_ENV:-}") \
  -- "$NECTO_IMAGE" "$@" >"$log" 2>&1 </dev/null &
program=$!

stopping=
reclaimed=
heard=$SECONDS
beat=0
stop() {
  [ -n "$stopping" ] || docker stop --time 10 "$container" >/dev/null 2>&1 &
  stopping=yes
}
while kill -0 "$program" 2>/dev/null; do
  ship
  if ((SECONDS >= beat)); then
    beat=$((SECONDS + ${NECTO_BEAT_SECONDS:-10}))
    call POST heartbeat
    case $status in
      200) heard=$SECONDS ;;
      409 | 410) answer=stop ;;
    esac
    [ "$answer" = stop ] && stop
    # Nobody pays for what nobody can see.
    ((SECONDS - heard > 3600)) && stop
  fi
  if [ -z "$reclaimed" ] && is_reclaimed; then
    reclaimed='&reclaimed=1'
    stop
  fi
  sleep 1
done
wait "$program"
code=$?
docker rm --force "$container" >/dev/null 2>&1

call POST heartbeat
if [ -n "$(ls -A "$work/output")" ]; then
  tar -C "$work/output" -czf "$work/output.tar.gz" .
  if (($(stat -c %s "$work/output.tar.gz") > 8388608)); then
    echo 'necto: the output has more than 8 MiB and is not kept' >>"$log"
  else
    insist POST output --data-binary "@$work/output.tar.gz"
  fi
fi
for ((tries = 0; tries < 30; tries++)); do
  ship && break
  case $status in 409 | 41[03]) break ;; esac
  sleep 2
done
insist POST "ended?exitCode=$code$reclaimed"
