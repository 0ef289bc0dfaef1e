#!/usr/bin/env bash
# Software: parse-prometheus-text-format 1.1.1 (npm)
#
# Guess: a family's metrics come out one for each label set, histograms and summaries as counters do: the README promises
#   Prometheus' JSON, where each metric has its labels. In the text format a histogram with a label is the usual case.
#
# Seen: a histogram or summary with a label of its own comes out without labels, sum and count, and all label sets as one
#   metric: the buckets or quantiles of the last. Without labels, as in the README's example, all is well.
#
# Needs: bash, node with npm. Talks to nobody, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error parse-prometheus-text-format@1.1.1 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import module from 'parse-prometheus-text-format';

const parse = module.default ?? module;
const histogram = (path, low, all) => `http_seconds_bucket{path="${path}",le="1"} ${low}
http_seconds_bucket{path="${path}",le="+Inf"} ${all}
http_seconds_sum{path="${path}"} ${all}
http_seconds_count{path="${path}"} ${all}
`;
const summary = (path, median, all) => `rpc_seconds{path="${path}",quantile="0.5"} ${median}
rpc_seconds_sum{path="${path}"} ${all}
rpc_seconds_count{path="${path}"} ${all}
`;
const show = (title, text) => {
  console.log(title);
  for (const { metrics } of parse(text)) for (const metric of metrics) console.log(`    ${JSON.stringify(metric)}`);
};
show('counter of two paths', '# TYPE http_total counter\nhttp_total{path="/a"} 10\nhttp_total{path="/b"} 500\n');
show('histogram of one path', `# TYPE http_seconds histogram\n${histogram('/a', 4, 10)}`);
show('histogram of two paths', `# TYPE http_seconds histogram\n${histogram('/a', 4, 10)}${histogram('/b', 300, 500)}`);
show('summary of two paths', `# TYPE rpc_seconds summary\n${summary('/a', 4, 10)}${summary('/b', 300, 500)}`);
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
counter of two paths
    {"value":"10","labels":{"path":"/a"}}
    {"value":"500","labels":{"path":"/b"}}
histogram of one path
    {"buckets":{"1":"4","+Inf":"10"}}
histogram of two paths
    {"buckets":{"1":"300","+Inf":"500"}}
summary of two paths
    {"quantiles":{"0.5":"300"}}
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
