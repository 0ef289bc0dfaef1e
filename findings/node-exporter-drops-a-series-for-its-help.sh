#!/usr/bin/env bash
# Software: node_exporter 1.5.0, Debian 12 (prometheus-node-exporter 1.5.0-1+b6), textfile collector
#
# Guess: two text files may each have series of one family. HELP is there to be read by people, so where the files differ
#   in it one of the two texts is shown; or node_textfile_scrape_error, "1 if there was an error opening or reading a
#   file", tells that something was left out.
#
# Seen: the series of the file that comes second are left out of the answer, which is a 200, while
#   node_textfile_scrape_error stays 0. Only promhttp_metric_handler_errors_total shows it, one scrape later and without
#   a name. A cron job that improves its help text takes away the series of the hosts' other jobs.
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
package=prometheus-node-exporter=1.5.0-1+b6
get $package || { apt-get -qq update; get $package; }
dpkg-deb -x prometheus-node-exporter_*.deb .

port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => {
  console.log(s.address().port);
  s.close();
})')
mkdir text
./usr/bin/prometheus-node-exporter --web.listen-address="127.0.0.1:$port" --web.disable-exporter-metrics \
  --collector.disable-defaults --collector.textfile --collector.textfile.directory=text 2>log &
echo $! >pid

job() { printf '# HELP job_ok %s\n# TYPE job_ok gauge\njob_ok{job="%s"} 1\n' "$2" "$1" >"text/$1.prom"; }
cat >run.mjs <<JS
let text;
for (let i = 0; i < 40 && !text; i++) {
  text = await fetch('http://127.0.0.1:$port/metrics').then((response) => response.text(), () => undefined);
  if (!text) await new Promise((done) => setTimeout(done, 250));
}
console.log(text.match(/^(job_ok|node_textfile_scrape_error|promhttp.*gathering).*/gm).join('\n'));
JS
{
  job backup 'If the job went well.'
  job cleanup 'If the job went well.'
  echo 'The same help:'
  timeout 30 node run.mjs
  job cleanup 'If the last run of the job went well.'
  echo 'Another help in the second file:'
  timeout 30 node run.mjs
  echo 'And at the next scrape:'
  timeout 30 node run.mjs
} >seen
cat >expected <<'SEEN'
The same help:
job_ok{job="backup"} 1
job_ok{job="cleanup"} 1
node_textfile_scrape_error 0
promhttp_metric_handler_errors_total{cause="gathering"} 0
Another help in the second file:
job_ok{job="backup"} 1
node_textfile_scrape_error 0
promhttp_metric_handler_errors_total{cause="gathering"} 0
And at the next scrape:
job_ok{job="backup"} 1
node_textfile_scrape_error 0
promhttp_metric_handler_errors_total{cause="gathering"} 1
SEEN

cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
