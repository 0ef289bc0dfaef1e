#!/usr/bin/env bash
# Software: Prometheus 2.42.0, Debian 12 (prometheus 2.42.0+ds-5+deb12u1), with --web.enable-remote-write-receiver, and
#   prometheus-remote-write 0.5.1 (npm)
#
# Guess: a metric's name that a scrape would not get in with (`queue depth`, a blank in it) is refused by remote write, too;
#   or, since the remote write specification says no more than that names should follow the pattern, it is stored, and
#   /federate leaves it out or escapes it, as its answer is text 0.0.4.
#
# Seen: it is stored, with a 204. From then on /federate writes `queue depth{…} 1` between the good ones, which no reader
#   of the text format takes: one such name costs the federating server its whole scrape. promtool is the reader here.
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
async function federate() {
  const match = encodeURIComponent('{__name__=~".+"}');
  const text = await (await fetch(`${url}/federate?match[]=${match}`)).text();
  console.log(text.replaceAll(String(now), 'NOW').replace(/^/gm, '    ').trimEnd());
  const { stderr } = spawnSync('./usr/bin/promtool', ['check', 'metrics'], { input: text });
  console.log(`promtool: ${String(stderr).match(/error.*/)?.[0] ?? 'no error'}`);
}
await push('push of good_1 and good_2', series('good_1'), series('good_2'));
await federate();
await push('push of "queue depth"', series('queue depth'));
await federate();
prometheus.kill();
JS

timeout 90 node run.mjs >seen
cat >expected <<'SEEN'
push of good_1 and good_2: 204
    # TYPE good_1 untyped
    good_1{instance=""} 1 NOW
    # TYPE good_2 untyped
    good_2{instance=""} 1 NOW
promtool: no error
push of "queue depth": 204
    # TYPE good_1 untyped
    good_1{instance=""} 1 NOW
    # TYPE good_2 untyped
    good_2{instance=""} 1 NOW
    # TYPE queue depth untyped
    queue depth{instance=""} 1 NOW
promtool: error while linting: text format parsing error in line 5: unknown metric type "depth untyped"
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
