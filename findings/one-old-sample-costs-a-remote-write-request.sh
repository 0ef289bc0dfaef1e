#!/usr/bin/env bash
# Software: Prometheus 2.42.0, Debian 12 (prometheus 2.42.0+ds-5+deb12u1), with --web.enable-remote-write-receiver, and
#   prometheus-remote-write 0.5.1 (npm)
#
# Guess: the valid samples of a request are stored, which the remote write specification allows beside the 400 that it
#   demands, and which a scrape does: there a sample whose timestamp is too old is dropped, and the rest stays.
#
# Seen: one sample older than the last of its series, or hours old, makes the answer a 400, and nothing of the request is
#   stored: not the other series behind it, and not those in front of it either. A sender that obeys the specification
#   throws the whole batch away, so one late program costs the data of all that share its sender.
#
# Needs: bash, node with npm, apt-get of Debian 12 (amd64). Talks to loopback only, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
cleanup() {
  if [ -s "$tmp/pid" ]; then kill "$(cat "$tmp/pid")" 2>/dev/null || true; fi
  rm -rf "$tmp" || { sleep 1; rm -rf "$tmp"; }
}
trap cleanup EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$1"; }
get prometheus=2.42.0+ds-5+deb12u1 || { apt-get -qq update; get prometheus=2.42.0+ds-5+deb12u1; }
dpkg-deb -x prometheus_*.deb .
npm install --prefix . --no-audit --no-fund --loglevel=error prometheus-remote-write@0.5.1 >npm.log ||
  { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pushTimeseries } from 'prometheus-remote-write';

const spare = createServer();
const web = await new Promise((done) => spare.listen(0, '127.0.0.1', () => done(spare.address().port)));
await new Promise((done) => spare.close(done));
const url = `http://127.0.0.1:${web}`;
writeFileSync('p.yml', '');
const prometheus = spawn(
  './usr/bin/prometheus',
  ['--config.file=p.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${web}`, '--web.enable-remote-write-receiver'],
  { stdio: 'ignore' },
);
writeFileSync('pid', String(prometheus.pid));
for (let i = 0; i < 80; i++) if (await fetch(`${url}/-/ready`).then(({ ok }) => ok, () => false)) break; else await sleep(250);
const now = Date.now();
const series = (name, timestamp = now) => ({ labels: { __name__: name }, samples: [{ value: 1, timestamp }] });
async function push(title, ...timeseries) {
  const { status, errorMessage } = await pushTimeseries(timeseries, { url: `${url}/api/v1/write`, fetch });
  console.log(`${title}: ${status} ${errorMessage?.trim() ?? ''}`.trim());
}
async function stored() {
  const names = encodeURIComponent('{__name__=~".+"}');
  const { data } = await (await fetch(`${url}/api/v1/series?match[]=${names}&start=${now / 1000 - 36000}`)).json();
  const count = encodeURIComponent('count_over_time(a[6h])');
  const { data: ofA } = await (await fetch(`${url}/api/v1/query?query=${count}&time=${now / 1000 + 60}`)).json();
  const list = data.map(({ __name__ }) => __name__).sort().join(', ');
  console.log(`    stored: ${list}; samples of a: ${ofA.result[0].value[1]}`);
}
await push('a and b', series('a'), series('b'));
await stored();
await push('c, a of a minute ago, d', series('c'), series('a', now - 60_000), series('d'));
await stored();
await push('e, f of four hours ago, g', series('e'), series('f', now - 4 * 3_600_000), series('g'));
await stored();
prometheus.kill();
JS

timeout 90 node run.mjs >seen
cat >expected <<'SEEN'
a and b: 204
    stored: a, b; samples of a: 1
c, a of a minute ago, d: 400 out of order sample
    stored: a, b; samples of a: 1
e, f of four hours ago, g: 400 out of bounds
    stored: a, b; samples of a: 1
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
