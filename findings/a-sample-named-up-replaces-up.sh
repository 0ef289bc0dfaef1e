#!/usr/bin/env bash
# Software: Prometheus 2.42.0, Debian 12 (prometheus 2.42.0+ds-5+deb12u1)
#
# Guess: up and the scrape_… series are Prometheus' own report of a scrape (jobs_instances.md), so a target that exposes
#   samples of these names is refused, or has them renamed, or at least loses to the report.
#
# Seen: a sample without labels has the very series of the report, is stored first, and wins: the report of that scrape
#   is dropped as a duplicate, without a word. `up 0` makes a target look down that is scraped well, and the number of
#   samples or the duration is whatever the target says. Any label of its own makes such a sample harmless.
#
# Needs: bash, node, apt-get of Debian 12 (amd64). Talks to loopback only, once the package is here.

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

cat >run.mjs <<'JS'
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const show = /^(up|scrape_samples_scraped|version)$/;
const cases = [
  { title: 'no such sample', show, body: 'version 3\n' },
  { title: 'up 0', show, body: 'version 3\nup 0\n' },
  { title: 'up 5 and scrape_samples_scraped 99', show, body: 'version 3\nup 5\nscrape_samples_scraped 99\n' },
  { title: 'up{server="a"} 0', show, body: 'version 3\nup{server="a"} 0\n' },
];

const target = createServer((request, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
  response.end(cases[Number(request.url.slice(1))].body);
});
const spare = createServer();
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const port = await listen(target);
const web = await listen(spare);
await new Promise((done) => spare.close(done));
writeFileSync(
  'p.yml',
  'scrape_configs:\n' +
    cases
      .map(
        ({ job = '' }, i) => `- job_name: job${i}
  metrics_path: /${i}
  scrape_interval: 1s
  scrape_timeout: 1s
  static_configs: [{ targets: ['127.0.0.1:${port}'] }]
${job}
`,
      )
      .join(''),
);
const prometheus = spawn(
  './usr/bin/prometheus',
  ['--config.file=p.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${web}`],
  { stdio: 'ignore' },
);
writeFileSync('pid', String(prometheus.pid));
const ask = async (path) => (await (await fetch(`http://127.0.0.1:${web}/api/v1/${path}`)).json()).data;
let pools = [];
for (let i = 0; i < 60 && !(pools.length === cases.length && pools.every(({ health }) => health !== 'unknown')); i++) {
  await sleep(500);
  pools = await ask('targets').then((data) => data.activeTargets, () => []);
}
for (const [i, { title, show = /^(?!scrape_|up$)/ }] of cases.entries()) {
  const { health, lastError } = pools.find(({ scrapePool }) => scrapePool === `job${i}`);
  console.log(`${title}: ${health}${lastError && `, ${lastError.replace(/instance="[^"]*", job="[^"]*"/, '…')}`}`);
  const { result } = await ask(`query?query=${encodeURIComponent(`{job="job${i}"}`)}`);
  for (const { metric: { __name__, job, instance, ...labels }, value } of result) {
    if (show.test(__name__)) console.log(`    ${__name__}${JSON.stringify(labels)} ${value[1]}`);
  }
}
prometheus.kill();
target.closeAllConnections();
target.close();
JS

timeout 90 node run.mjs >seen
cat >expected <<'SEEN'
no such sample: up
    scrape_samples_scraped{} 1
    up{} 1
    version{} 3
up 0: up
    scrape_samples_scraped{} 2
    up{} 0
    version{} 3
up 5 and scrape_samples_scraped 99: up
    scrape_samples_scraped{} 99
    up{} 5
    version{} 3
up{server="a"} 0: up
    scrape_samples_scraped{} 2
    up{} 1
    up{"server":"a"} 0
    version{} 3
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
