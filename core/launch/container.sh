# Runs one job in the image it was paid for, once, at a provider whose machine is a container. NECTO_URL is where the job is,
# and the container's whole right to it. With NECTO_REST it never ends by itself, for where what ends is started again. It
# needs sh with the usual tools and one of the clients below; nothing that the job says goes to the provider's own log.
umask 077
url=$NECTO_URL
rests=$NECTO_REST
beats=${NECTO_BEAT_SECONDS:-10}
unset NECTO_URL NECTO_REST NECTO_BEAT_SECONDS
boot=$(cat /proc/sys/kernel/random/uuid 2>/dev/null || date +%s)-$$
work=$(mktemp -d 2>/dev/null) || { work=/tmp/necto.$$ && mkdir -p "$work"; } || work=.
NECTO_OUTPUT=${NECTO_OUTPUT:-/output}
export NECTO_OUTPUT
mkdir -p "$NECTO_OUTPUT" 2>/dev/null || { NECTO_OUTPUT=$work/output && mkdir -p "$NECTO_OUTPUT"; }
log=$work/log
: >"$log"
: >"$work/empty"
status=
answer=
sent=0

# finish CODE: there is nothing more to do here.
finish() {
  while [ -n "$rests" ]; do sleep 3600; done
  exit "$1"
}

# can NAME: it is here and fit for this. BusyBox's wget checks no certificate, so it is for where there is nothing else.
can() {
  case $1 in
    curl) curl --version ;;
    wget) case $(wget --help 2>&1) in *BusyBox*) false ;; *--post-file*) ;; *) false ;; esac ;;
    python3) python3 -c 'import ssl, urllib.request' ;;
    node) node -e fetch ;;
    perl) perl -MHTTP::Tiny -e 'exit(shift =~ /^https:/ && !HTTP::Tiny->can_ssl)' "$url" ;;
    busybox) case $(wget --help 2>&1) in *--post-file*) base64 "$work/empty" ;; *) false ;; esac ;;
  esac >/dev/null 2>&1
}
client=
for name in curl wget python3 node perl busybox; do
  if can "$name"; then
    client=$name
    break
  fi
done
if [ -z "$client" ]; then
  echo 'necto: this image has none of curl, wget, python3, node and perl, or not with TLS, so the job cannot be fetched' >&2
  finish 1
fi

py='import sys,urllib.request as u,urllib.error as e
m,a,b,o=sys.argv[1:]
d=None if m=="GET" else open(b,"rb").read()
try: r=u.urlopen(u.Request(a,data=d,method=m,headers={"content-type":"application/octet-stream"}),timeout=20)
except e.HTTPError as x: r=x
open(o,"wb").write(r.read())
print(r.code)'
js='const f=require("fs"),[m,a,b,o]=process.argv.slice(1)
fetch(a,{method:m,body:m==="GET"?undefined:f.readFileSync(b),signal:AbortSignal.timeout(20000)})
.then(async r=>{f.writeFileSync(o,Buffer.from(await r.arrayBuffer()));console.log(r.status)}).catch(()=>process.exit(1))'
pl='use HTTP::Tiny;my($m,$a,$b,$o)=@ARGV;my %q;if($m ne "GET"){open my $i,"<:raw",$b;local $/;$q{content}=<$i>}
my $r=HTTP::Tiny->new(timeout=>20)->request($m,$a,\%q);open my $w,">:raw",$o;print $w $r->{content};print $r->{status}==599?0:$r->{status}'

patient=
timeout 5 true >/dev/null 2>&1 && patient='timeout 60'

# Both kinds of wget print the status line.
said_status() {
  sed -n 's/.*HTTP\/[0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "$work/said" | tail -n 1
}

# call METHOD ROUTE [FILE]: sets status and answer; status is 000 when nobody answered.
call() {
  body=${3:-$work/empty}
  : >"$work/answer"
  case $client in
    curl)
      if [ "$1" = GET ]; then
        status=$(curl -s --max-time 20 -o "$work/answer" -w '%{http_code}' "$url/$2")
      else
        status=$(curl -s --max-time 20 -o "$work/answer" -w '%{http_code}' -X "$1" --data-binary "@$body" "$url/$2")
      fi
      ;;
    wget)
      if [ "$1" = GET ]; then
        wget -S -T 20 -t 1 -O "$work/answer" "$url/$2" 2>"$work/said"
      else
        wget -S -T 20 -t 1 -O "$work/answer" --post-file "$body" "$url/$2" 2>"$work/said"
      fi
      status=$(said_status)
      ;;
    busybox)
      # Some builds crash on -T, and all send a file up to its first zero byte.
      case $2 in *\?*) route=$2\&as=base64 ;; *) route=$2?as=base64 ;; esac
      if [ "$1" = GET ]; then
        $patient wget -S -O "$work/answer" "$url/$2" 2>"$work/said"
      else
        base64 "$body" >"$work/text"
        $patient wget -S -O "$work/answer" --post-file "$work/text" "$url/$route" 2>"$work/said"
      fi
      status=$(said_status)
      ;;
    python3) status=$(python3 -c "$py" "$1" "$url/$2" "$body" "$work/answer" 2>/dev/null) ;;
    node) status=$(node -e "$js" "$1" "$url/$2" "$body" "$work/answer" 2>/dev/null) ;;
    perl) status=$(perl -e "$pl" "$1" "$url/$2" "$body" "$work/answer" 2>/dev/null) ;;
  esac
  status=${status:-000}
  answer=$(cat "$work/answer")
  rm -f "$work/answer"
}

# insist ...: the same until it is answered, for as long as a restart of Necto may take; false when it is refused. Of what
# begins with 4 only these are Necto's own last word; others may come from what stands before it.
insist() {
  tries=0
  while [ "$tries" -lt 60 ]; do
    call "$@"
    case $status in
      2*) return 0 ;;
      409 | 41[03]) return 1 ;;
    esac
    tries=$((tries + 1))
    sleep $((tries < 10 ? tries : 10))
  done
  return 1
}

size_of() {
  wc -c <"$1" | tr -d ' '
}

# Sends what the log has grown by; false when that could not be done now.
ship() {
  size=$(size_of "$log")
  while [ "$sent" -lt "$size" ]; do
    tail -c "+$((sent + 1))" "$log" | head -c 200000 >"$work/chunk"
    call POST "log?offset=$sent" "$work/chunk"
    [ "$status" = 200 ] || return 1
    sent=$answer
  done
}

# The job's variables, and its program as "$@".
insist GET job || finish 1
eval "$answer"
answer=
insist POST "started?boot=$boot" || finish 1

own=
command -v setsid >/dev/null 2>&1 && own=setsid
(
  while IFS= read -r line; do
    [ -z "$line" ] || export "$line"
  done <<LINES
$NECTO_ENV
LINES
  unset NECTO_ENV
  exec $own "$@"
) >"$log" 2>&1 </dev/null &
program=$!
NECTO_ENV=

began=$(date +%s)
heard=$began
beat=0
stopped=0
why=
stop() {
  [ "$stopped" = 0 ] || return 0
  stopped=$(date +%s)
  kill -TERM "-$program" 2>/dev/null || kill -TERM "$program" 2>/dev/null
}
while kill -0 "$program" 2>/dev/null; do
  ship
  now=$(date +%s)
  if [ "$now" -ge "$beat" ]; then
    beat=$((now + beats))
    call POST heartbeat
    case $status in
      200) heard=$now ;;
      409 | 410) answer=stop ;;
    esac
    [ "$answer" = stop ] && stop
    # Nobody pays for what nobody can see.
    [ $((now - heard)) -gt 3600 ] && stop
  fi
  if [ "$stopped" = 0 ] && [ $((now - began)) -ge "$NECTO_MAX_SECONDS" ]; then
    why=124
    stop
  fi
  if [ "$stopped" != 0 ] && [ $((now - stopped)) -ge 15 ]; then
    kill -KILL "-$program" 2>/dev/null || kill -KILL "$program" 2>/dev/null
  fi
  sleep 1
done
wait "$program"
code=$?
code=${why:-$code}

call POST heartbeat
if [ -n "$(ls -A "$NECTO_OUTPUT" 2>/dev/null)" ]; then
  if ! tar -C "$NECTO_OUTPUT" -czf "$work/output.tar.gz" . 2>/dev/null; then
    echo 'necto: the image has no tar with gzip, the output is not kept' >>"$log"
  elif [ "$(size_of "$work/output.tar.gz")" -gt 8388608 ]; then
    echo 'necto: the output has more than 8 MiB and is not kept' >>"$log"
  else
    insist POST output "$work/output.tar.gz"
  fi
fi
tries=0
while [ "$tries" -lt 30 ]; do
  ship && break
  case $status in 409 | 41[03]) break ;; esac
  tries=$((tries + 1))
  sleep 2
done
insist POST "ended?exitCode=$code"
finish 0
