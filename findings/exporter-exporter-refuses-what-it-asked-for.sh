#!/usr/bin/env bash
# Software: exporter_exporter 0.4.0, Debian 12 (prometheus-exporter-exporter 0.4.0-1+b14), http module, as configured
#   by default
#
# Guess: it is a reverse proxy that verifies "that the target is serving prometheus metrics" (its README), so an answer
#   that Prometheus takes passes. It hands the scraper's Accept on, so it knows that OpenMetrics may come.
#
# Seen: whatever comes is verified as text 0.0.4. Prometheus prefers OpenMetrics, so a target that negotiates answers
#   with OpenMetrics, and is proxied until the first exemplar or the type info comes: then the scrape is a 500. curl,
#   which asks for nothing, gets text and sees a healthy target. `verify: false` is the remedy.
#
# Needs: bash, node, apt-get of Debian 12 (amd64). Talks to loopback only, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
cleanup() {
  if [ -s "$tmp/pid" ]; then kill "$(cat "$tmp/pid")" 2>/dev/null || true; fi
  rm -rf "$tmp"
}
trap cleanup EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$1"; }
package=prometheus-exporter-exporter=0.4.0-1+b14
get $package || { apt-get -qq update; get $package; }
dpkg-deb -x prometheus-exporter-exporter_*.deb .

cat >run.mjs <<'JS'
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const openMetrics = {
  plain: '# TYPE hits counter\nhits_total 1\n# EOF\n',
  exemplar: '# TYPE hits counter\nhits_total 1 # {trace_id="4bf9"} 0.5\n# EOF\n',
  info: '# TYPE build info\nbuild_info{version="3"} 1\n# EOF\n',
};
const target = createServer(({ url, headers: { accept } }, response) => {
  const asked = accept.startsWith('application/openmetrics-text');
  response.setHeader('content-type', asked ? 'application/openmetrics-text; version=1.0.0' : 'text/plain; version=0.0.4');
  response.end(asked ? openMetrics[url.slice(1)] : 'hits_total 1\n');
});
const spare = createServer();
const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));
const port = await listen(target);
const web = await listen(spare);
await new Promise((done) => spare.close(done));
const modules = Object.keys(openMetrics).map((path) => `  ${path}: { method: http, http: { port: ${port}, path: /${path} } }`);
writeFileSync('e.yml', `modules:\n${modules.join('\n')}\n`);
const proxy = spawn(
  './usr/bin/prometheus-exporter-exporter',
  ['-config.file=e.yml', `-web.listen-address=127.0.0.1:${web}`],
  { stdio: 'ignore' },
);
writeFileSync('pid', String(proxy.pid));
for (const path of Object.keys(openMetrics)) {
  for (const accept of ['*/*', 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1']) {
    let response;
    for (let i = 0; i < 40 && !response; i++) {
      response = await fetch(`http://127.0.0.1:${web}/proxy?module=${path}`, { headers: { accept } }).catch(() => {});
      if (!response) await sleep(250);
    }
    console.log(`${path}, Accept: ${accept}\n    → ${response.status} ${JSON.stringify(await response.text())}`);
  }
}
proxy.kill();
target.closeAllConnections();
target.close();
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
plain, Accept: */*
    → 200 "hits_total 1\n"
plain, Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
    → 200 "# TYPE hits counter\nhits_total 1\n# EOF\n"
exemplar, Accept: */*
    → 200 "hits_total 1\n"
exemplar, Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
    → 500 "Internal Server Error: Response from proxied server failed verification. See server logs for details\n"
info, Accept: */*
    → 200 "hits_total 1\n"
info, Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1
    → 500 "Internal Server Error: Response from proxied server failed verification. See server logs for details\n"
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
