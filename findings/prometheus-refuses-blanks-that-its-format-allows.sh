#!/usr/bin/env bash
# Software: Prometheus 2.42.0 and its promtool, Debian 12 (prometheus 2.42.0+ds-5+deb12u1)
#
# Guess: all four answers are scraped. The page of the text format (exposition_formats.md) says that tokens are separated
#   by any number of blanks or tabs, and that leading and trailing whitespace of a line is ignored. `promtool check
#   metrics`, of the same package, passes all but the last.
#
# Seen: the server takes the first only. A blank before a sample becomes part of the metric's name; a second blank before
#   the type, or one after it, becomes part of the type. Either costs the target its whole scrape, not the line.
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
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const cases = [
  { title: 'plain', body: '# HELP a An a.\n# TYPE a gauge\na 1\n' },
  { title: 'blank before a sample', body: '# HELP a An a.\n# TYPE a gauge\n a 1\n' },
  { title: 'two blanks before the type', body: '# HELP a An a.\n# TYPE a  gauge\na 1\n' },
  { title: 'blank after the type', body: '# HELP a An a.\n# TYPE a gauge \na 1\n' },
];
for (const { title, body } of cases) {
  const { status } = spawnSync('./usr/bin/promtool', ['check', 'metrics'], { input: body });
  console.log(`promtool check metrics, ${title}: exit code ${status}`);
}

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
promtool check metrics, plain: exit code 0
promtool check metrics, blank before a sample: exit code 0
promtool check metrics, two blanks before the type: exit code 0
promtool check metrics, blank after the type: exit code 1
plain: up
    a{} 1
blank before a sample: down, invalid metric name or label names: {__name__=" a", …}
two blanks before the type: down, invalid metric type " gauge"
blank after the type: down, invalid metric type "gauge "
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
