#!/usr/bin/env bash
# Software: prom-client 15.1.3 (npm), AggregatorRegistry, which node:cluster programs use
#
# Guess: sums and counts of the workers' summaries are added; quantiles can't be (Prometheus' page on histograms and
#   summaries warns of averaging them even), so they are left out, or at least lie within what was observed.
#
# Seen: quantiles are added as well. Four workers that all answer within 0.2 s have a "median" of 0.8 s, and with each
#   further worker it grows. The text shows nothing of it; `aggregator: 'average'` on the summary makes it a mean of
#   medians, and divides the count and the sum, too.
#
# Needs: bash, node with npm. Talks to nobody, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error prom-client@15.1.3 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { AggregatorRegistry, Registry, Summary } from 'prom-client';

for (const aggregator of ['sum', 'average']) {
  const workers = [1, 2, 3, 4].map(async () => {
    const register = new Registry();
    const name = 'answer_seconds';
    const summary = new Summary({ name, help: 'Time.', percentiles: [0.5, 0.9], aggregator, registers: [register] });
    for (let i = 0; i < 10; i++) summary.observe(0.2);
    return register.getMetricsAsJSON();
  });
  console.log(`aggregator: ${aggregator}`);
  console.log((await AggregatorRegistry.aggregate(await Promise.all(workers)).metrics()).trim());
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
aggregator: sum
# HELP answer_seconds Time.
# TYPE answer_seconds summary
answer_seconds{quantile="0.5"} 0.8
answer_seconds{quantile="0.9"} 0.8
answer_seconds_sum 7.999999999999999
answer_seconds_count 40
aggregator: average
# HELP answer_seconds Time.
# TYPE answer_seconds summary
answer_seconds{quantile="0.5"} 0.2
answer_seconds{quantile="0.9"} 0.2
answer_seconds_sum 1.9999999999999998
answer_seconds_count 10
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
