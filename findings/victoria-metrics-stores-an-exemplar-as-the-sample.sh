#!/usr/bin/env bash
# Software: VictoriaMetrics 1.79.5, Debian 12 (victoria-metrics 1.79.5+ds1-2+b5), scraping by -promscrape.config
#
# Guess: an exemplar is passed over, or its line is refused. In OpenMetrics 1.0.0 the sample ends before SP HASH SP, so
#   what comes after it is never the sample's name, label or value.
#
# Seen: with labels on the sample the exemplar is passed over. A sample without labels takes the exemplar's braces for
#   its own: the series is named "hits_total 1 #", has the exemplar's labels, one series for each trace id, and the
#   exemplar's value. hits_total itself does not exist, the target is up, and no error is logged.
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
get victoria-metrics=1.79.5+ds1-2+b5 || { apt-get -qq update; get victoria-metrics=1.79.5+ds1-2+b5; }
dpkg-deb -x victoria-metrics_*.deb .

cat >run.mjs <<'JS'
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const body = `# TYPE hits counter
hits_total 41 # {trace_id="4bf9"} 0.25
# TYPE paths counter
paths_total{path="/"} 41 # {trace_id="4bf9"} 0.25
# TYPE plain counter
plain_total 41
# EOF
`;
const target = createServer((_, response) => {
  response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
  response.end(body);
});
const spare = createServer();
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const port = await listen(target);
const web = await listen(spare);
await new Promise((done) => spare.close(done));
writeFileSync(
  'p.yml',
  `scrape_configs:
- job_name: t
  scrape_interval: 1s
  scrape_timeout: 1s
  static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`,
);
const server = spawn(
  './usr/bin/victoria-metrics',
  ['-promscrape.config=p.yml', '-storageDataPath=data', `-httpListenAddr=127.0.0.1:${web}`, '-search.latencyOffset=0s'],
  { stdio: 'ignore' },
);
writeFileSync('pid', String(server.pid));
const ask = async (query) =>
  (await (await fetch(`http://127.0.0.1:${web}/api/v1/query?query=${encodeURIComponent(query)}`)).json()).data.result;
let result = [];
for (let i = 0; i < 60 && result.length < 4; i++) {
  await sleep(500);
  result = await ask('{__name__=~"up|hits.*|paths.*|plain.*"}').catch(() => []);
}
console.log(body.trim());
console.log('is stored as');
for (const { metric, value } of result.sort((a, b) => (a.metric.__name__ < b.metric.__name__ ? -1 : 1))) {
  const { __name__: name, job, instance, ...labels } = metric;
  console.log(`    ${JSON.stringify(name)} ${JSON.stringify(labels)} ${value[1]}`);
}
server.kill();
target.closeAllConnections();
target.close();
JS

timeout 90 node run.mjs >seen
cat >expected <<'SEEN'
# TYPE hits counter
hits_total 41 # {trace_id="4bf9"} 0.25
# TYPE paths counter
paths_total{path="/"} 41 # {trace_id="4bf9"} 0.25
# TYPE plain counter
plain_total 41
# EOF
is stored as
    "hits_total 41 #" {"trace_id":"4bf9"} 0.25
    "paths_total" {"path":"/"} 41
    "plain_total" {} 41
    "up" {} 1
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
