#!/usr/bin/env bash
# Software: Podman 4.3.1, Debian 12 (podman 4.3.1+ds1-8+deb12u1+b3), its Docker-compatible API 1.41, on containers that
#   were created, not started
#
# Guess: GET /containers/json filters as the Docker Engine API 1.41 says: a name that the list itself shows is found by
#   it, the status may be created, restarting, running, removing, paused, exited or dead, and a label filter is a key or
#   a key and a value, compared as they are.
#
# Seen: the list shows names with Docker's leading slash, and finds nothing by them: the filter knows the bare name only.
#   The statuses restarting and dead are not "none such" but a 500 for the whole request, also beside others, so a
#   client that asks for all that isn't exited gets nothing. And a * in a label's key is a wildcard.
#
# Needs: bash, node, root, apt-get of Debian 12 (amd64). Talks to a socket in its folder, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
cleanup() {
  if [ -s "$tmp/pid" ]; then kill "$(cat "$tmp/pid")" 2>/dev/null || true; fi
  sleep 1
  rm -rf "$tmp"
}
trap cleanup EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$@"; }
packages='podman=4.3.1+ds1-8+deb12u1+b3 conmon=2.1.6+ds1-1 crun=1.8.1-1+deb12u1 libgpgme11=1.18.0-3+b1
  libseccomp2=2.5.4-1+deb12u1 libsubid4=1:4.13+dfsg1-1+deb12u2 libdevmapper1.02.1=2:1.02.185-2 libassuan0=2.5.5-5'
# shellcheck disable=SC2086 # a list
get $packages || { apt-get -qq update; get $packages; }
for package in *.deb; do dpkg-deb -x "$package" .; done

mkdir -p .config/containers image
echo '{ "default": [{ "type": "insecureAcceptAnything" }] }' >.config/containers/policy.json
cat >containers.conf <<CONF
[engine]
cgroup_manager = "cgroupfs"
conmon_path = ["$tmp/usr/bin/conmon"]
events_logger = "none"
lock_type = "file"
runtime = "crun"
static_dir = "$tmp/static"
tmp_dir = "$tmp/libpod-run"
[engine.runtimes]
crun = ["$tmp/usr/bin/crun"]
[network]
network_backend = "cni"
CONF
export CONTAINERS_CONF="$tmp/containers.conf" HOME="$tmp" LD_LIBRARY_PATH="$tmp/usr/lib/x86_64-linux-gnu:$tmp/lib/x86_64-linux-gnu"
tar -C image -cf image.tar .
# A mount namespace, since podman writes to /var/lib and /run whatever its options say.
# shellcheck disable=SC2016 # expanded within
unshare --mount bash -euc '
  mount -t tmpfs none /var/lib
  mount -t tmpfs none /run
  podman="$1/usr/bin/podman --root $1/root --runroot $1/storage-run --storage-driver vfs --log-level error"
  $podman import -q image.tar localhost/empty:1
  exec $podman system service --time 0 "unix://$1/socket"
' podman "$tmp" >service.log 2>&1 &
echo $! >pid

cat >run.mjs <<'JS'
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const ask = (method, path, body) =>
  new Promise((done, failed) => {
    const headers = { 'content-type': 'application/json' };
    const call = request({ socketPath: 'socket', method, path: `/v1.41${path}`, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      done({ status: response.statusCode, json: JSON.parse(text) });
    });
    call.on('error', failed).end(body && JSON.stringify(body));
  });
for (let i = 0; i < 40; i++) if (await ask('GET', '/info').then(() => true, () => sleep(250))) break;
for (const [name, Labels] of [['one', { 'metrics-port': '9100' }], ['two', { 'metrics-path': '/metrics' }]]) {
  const { status, json } = await ask('POST', `/containers/create?name=${name}`, { Image: 'localhost/empty:1', Cmd: ['true'], Labels });
  if (status !== 201) throw new Error(JSON.stringify(json));
}
for (const filters of [
  {},
  { name: ['one'] },
  { name: ['/one'] },
  { name: ['^/one$'] },
  { status: ['created'] },
  { status: ['created', 'restarting'] },
  { status: ['dead'] },
  { label: ['metrics-port'] },
  { label: ['metrics-*'] },
]) {
  const { status, json } = await ask('GET', `/containers/json?all=true&filters=${encodeURIComponent(JSON.stringify(filters))}`);
  const found = Array.isArray(json) ? json.flatMap(({ Names }) => Names).sort().join(' ') || 'none' : json.message;
  console.log(`${JSON.stringify(filters)} → ${status}: ${found}`);
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
{} → 200: /one /two
{"name":["one"]} → 200: /one
{"name":["/one"]} → 200: none
{"name":["^/one$"]} → 200: none
{"status":["created"]} → 200: /one /two
{"status":["created","restarting"]} → 500: unknown container state: restarting: invalid argument
{"status":["dead"]} → 500: unknown container state: dead: invalid argument
{"label":["metrics-port"]} → 200: /one
{"label":["metrics-*"]} → 200: /one /two
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
