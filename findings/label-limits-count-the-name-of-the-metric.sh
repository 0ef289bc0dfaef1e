#!/usr/bin/env bash
# Software: Prometheus 2.42.0, Debian 12 (prometheus 2.42.0+ds-5+deb12u1)
#
# Guess: label_limit, label_name_length_limit and label_value_length_limit look at a sample's labels, so the sample `a 1`,
#   which has none, passes any of them (configuration.md speaks of the labels of a sample).
#
# Seen: the name of the metric is a label, too, and so are job and instance. A bare sample has three labels; a limit of
#   seven characters for label names refuses every target, since __name__ has eight; and label_value_length_limit bounds
#   the length of metric names. One sample over a limit costs the whole scrape.
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

const name = 'requests_refused_by_the_upstream_server_total';
const cases = [
  { title: 'label_limit 2', job: '  label_limit: 2', body: 'a 1\n' },
  { title: 'label_limit 3', job: '  label_limit: 3', body: 'a 1\n' },
  { title: 'label_name_length_limit 7', job: '  label_name_length_limit: 7', body: 'a 1\n' },
  { title: 'label_name_length_limit 8', job: '  label_name_length_limit: 8', body: 'a 1\n' },
  { title: 'label_value_length_limit 44', job: '  label_value_length_limit: 44', body: `${name} 1\n` },
  { title: 'label_value_length_limit 45', job: '  label_value_length_limit: 45', body: `${name} 1\n` },
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
label_limit 2: down, label_limit exceeded (metric: a, number of labels: 3, limit: 2)
label_limit 3: up
    a{} 1
label_name_length_limit 7: down, label_name_length_limit exceeded (metric: a, label name: __name__, length: 8, limit: 7)
label_name_length_limit 8: up
    a{} 1
label_value_length_limit 44: down, label_value_length_limit exceeded (metric: requests_refused_by_the_upstream_server_total, label name: __name__, value: "requests_refused_by_the_upstream_server_total", length: 45, limit: 44)
label_value_length_limit 45: up
    requests_refused_by_the_upstream_server_total{} 1
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
