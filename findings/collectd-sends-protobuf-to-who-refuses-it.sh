#!/usr/bin/env bash
# Software: collectd 5.12.0, plugin write_prometheus, Debian 12 (collectd-core 5.12.0-14)
#
# Guess: the format follows the Accept header's order of preference, and q=0 refuses a type (RFC 9110, 12.4.2), so a
#   client that accepts text, and protobuf less or not at all, gets text.
#
# Seen: the plugin looks for the words application/vnd.google.protobuf anywhere in Accept. Whoever names the type gets
#   it, also with q=0.1 behind text, with q=0, and with encoding=text, which is answered with encoding=delimited. A
#   scraper that names it as a last resort and can't read it loses the target.
#
# Needs: bash, node, apt-get of Debian 12 (amd64). Talks to loopback only, once the packages are here.

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
packages='collectd-core=5.12.0-14 libmicrohttpd12=0.9.75-6 libprotobuf-c1=1.4.1-1+b1'
# shellcheck disable=SC2086 # a list
get $packages || { apt-get -qq update; get $packages; }
for package in *.deb; do dpkg-deb -x "$package" .; done

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
  console.log(s.address().port);
  s.close();
})')
cat >collectd.conf <<CONF
BaseDir "$tmp"
PIDFile "$tmp/collectd.pid"
PluginDir "$tmp/usr/lib/collectd"
TypesDB "$tmp/usr/share/collectd/types.db"
Hostname "host"
LoadPlugin load
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host "127.0.0.1"
  Port "$port"
</Plugin>
CONF
export LD_LIBRARY_PATH="$tmp/usr/lib/x86_64-linux-gnu"
./usr/sbin/collectd -f -C collectd.conf >log 2>&1 &
echo $! >pid

cat >run.mjs <<JS
const text = 'text/plain;version=0.0.4';
const protobuf = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily';
for (const accept of [
  text,
  \`\${text},*/*;q=0.1\`,
  \`\${text},\${protobuf};encoding=delimited;q=0.1\`,
  \`\${text},application/vnd.google.protobuf;q=0\`,
  \`\${protobuf};encoding=text\`,
]) {
  let response;
  for (let i = 0; i < 40 && !response; i++) {
    response = await fetch('http://127.0.0.1:$port/metrics', { headers: { accept } }).catch(() => undefined);
    if (!response) await new Promise((done) => setTimeout(done, 250));
  }
  console.log(\`Accept: \${accept}\n    → \${response.headers.get('content-type')}\`);
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
Accept: text/plain;version=0.0.4
    → text/plain; version=0.0.4
Accept: text/plain;version=0.0.4,*/*;q=0.1
    → text/plain; version=0.0.4
Accept: text/plain;version=0.0.4,application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.1
    → application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited
Accept: text/plain;version=0.0.4,application/vnd.google.protobuf;q=0
    → application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited
Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text
    → application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
