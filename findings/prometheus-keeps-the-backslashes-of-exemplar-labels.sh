#!/usr/bin/env bash
# Software: Prometheus 2.42.0, Debian 12 (prometheus 2.42.0+ds-5+deb12u1), --enable-feature=exemplar-storage
#
# Guess: the value of an exemplar's label is unescaped as that of a sample's label is. OpenMetrics 1.0.0 has one rule
#   for both (exemplar = SP HASH SP labels …, and labels holds escaped-string), so x="C:\\dir" is C:\dir in either place.
#
# Seen: the sample's label is unescaped, the exemplar's is stored as it was written, with each backslash. A trace id
#   does not show it; a path, a quoted query or a line feed does, and a link made of that label leads nowhere.
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

const body = String.raw`# TYPE hits counter
hits_total{x="C:\\dir \"q\"\nend"} 1 # {x="C:\\dir \"q\"\nend"} 1
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
const prometheus = spawn(
  './usr/bin/prometheus',
  ['--config.file=p.yml', '--storage.tsdb.path=data', `--web.listen-address=127.0.0.1:${web}`, '--enable-feature=exemplar-storage'],
  { stdio: 'ignore' },
);
writeFileSync('pid', String(prometheus.pid));
const ask = async (path) => (await (await fetch(`http://127.0.0.1:${web}/api/v1/${path}`)).json()).data;
const now = Date.now() / 1000;
let exemplars = [];
for (let i = 0; i < 60 && exemplars.length === 0; i++) {
  await sleep(500);
  exemplars = await ask(`query_exemplars?query=hits_total&start=${now - 600}&end=${now + 600}`).catch(() => []);
}
console.log('exposition:      ', body.split('\n')[1]);
console.log('sample label x:  ', JSON.stringify(exemplars[0].seriesLabels.x));
console.log('exemplar label x:', JSON.stringify(exemplars[0].exemplars[0].labels.x));
prometheus.kill();
target.closeAllConnections();
target.close();
JS

timeout 90 node run.mjs >seen
cat >expected <<'SEEN'
exposition:       hits_total{x="C:\\dir \"q\"\nend"} 1 # {x="C:\\dir \"q\"\nend"} 1
sample label x:   "C:\\dir \"q\"\nend"
exemplar label x: "C:\\\\dir \\\"q\\\"\\nend"
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
