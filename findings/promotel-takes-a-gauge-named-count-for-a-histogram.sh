#!/usr/bin/env bash
# Software: @platformatic/promotel 0.2.2 (npm), Prometheus text to OTLP
#
# Guess: the TYPE line says what a family is, so a gauge stays a gauge whatever its name ends in; suffixes mean something
#   within histograms and summaries only (exposition_formats.md).
#
# Seen: the ending of the name wins. A gauge pool_connections_count becomes a histogram pool_connections whose count is
#   the gauge's value and which has no buckets; a gauge loss_sum is put into the gauge loss as a second point with the
#   same attributes, so one of the two is lost wherever the data arrives.
#
# Needs: bash, node with npm. Talks to nobody, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error @platformatic/promotel@0.2.2 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { convert, parse } from '@platformatic/promotel';

const show = (text) => {
  console.log(text.trim());
  for (const { scope_metrics: scopes } of convert(parse(text), { defaultTimestamp: 1000 }).resource_metrics) {
    for (const { name, gauge, histogram } of scopes.flatMap(({ metrics }) => metrics)) {
      const points = (gauge ?? histogram).data_points.map(({ as_double: value, count, sum, bucket_counts: buckets }) =>
        JSON.stringify({ value, count, sum, buckets }),
      );
      console.log(`  → ${name}, ${gauge ? 'gauge' : 'histogram'}: ${points.join(' and ')}`);
    }
  }
};
show('# TYPE pool_connections gauge\npool_connections 7\n');
show('# TYPE pool_connections_count gauge\npool_connections_count 7\n');
show('# TYPE loss gauge\nloss 1\n# TYPE loss_sum gauge\nloss_sum 5\n');
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
# TYPE pool_connections gauge
pool_connections 7
  → pool_connections, gauge: {"value":7}
# TYPE pool_connections_count gauge
pool_connections_count 7
  → pool_connections, histogram: {"count":7,"sum":0,"buckets":[]}
# TYPE loss gauge
loss 1
# TYPE loss_sum gauge
loss_sum 5
  → loss, gauge: {"value":1} and {"value":5}
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
