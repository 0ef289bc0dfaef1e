#!/usr/bin/env bash
# Software: node_exporter 1.5.0, Debian 12 (prometheus-node-exporter 1.5.0-1+b6), textfile collector
#
# Guess: what a file holds is exposed as it is. The text format knows floats only, so weighted counts such as 2.75 are
#   fine, and no rule of it says that a summary must have quantiles, a _sum and a _count.
#
# Seen: the counts of a histogram are cut to whole numbers, so small weights become zero, and a summary gets the samples
#   that it didn't have: a sum of 0 beside 40 observations, a count of 0 beside a sum. Averages and quantiles of that are
#   wrong, and nothing tells so.
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

cat >text/a.prom <<'PROM'
# TYPE weighted_seconds histogram
weighted_seconds_bucket{le="1"} 0.75
weighted_seconds_bucket{le="+Inf"} 2.75
weighted_seconds_sum 4
weighted_seconds_count 2.75
# TYPE quantiles_only_seconds summary
quantiles_only_seconds{quantile="0.5"} 0.2
# TYPE no_sum_seconds summary
no_sum_seconds_count 40
# TYPE no_count_seconds summary
no_count_seconds_sum 12
PROM
cat >run.mjs <<JS
let text;
for (let i = 0; i < 40 && !text; i++) {
  text = await fetch('http://127.0.0.1:$port/metrics').then((response) => response.text(), () => undefined);
  if (!text) await new Promise((done) => setTimeout(done, 250));
}
console.log(text.match(/^(weighted|quantiles|no_sum|no_count|node_textfile_scrape).*/gm).join('\n'));
JS
timeout 30 node run.mjs >seen
cat >expected <<'SEEN'
no_count_seconds_sum 12
no_count_seconds_count 0
no_sum_seconds_sum 0
no_sum_seconds_count 40
node_textfile_scrape_error 0
quantiles_only_seconds{quantile="0.5"} 0.2
quantiles_only_seconds_sum 0
quantiles_only_seconds_count 0
weighted_seconds_bucket{le="1"} 0
weighted_seconds_bucket{le="+Inf"} 2
weighted_seconds_sum 4
weighted_seconds_count 2
SEEN

cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
