#!/usr/bin/env bash
# Software: prom2javascript 0.2.0 (npm)
#
# Guess: NaN and -Inf are read as +Inf is: the text format names all three (exposition_formats.md), and a summary that saw
#   nothing in its window has NaN for each quantile, so nearly every Go program exposes some at night.
#
# Seen: +Inf is read, NaN and -Inf are not, and the error ends the reading of the whole exposition, not of the line: the
#   first quiet minute takes away all of a program's metrics.
#
# Needs: bash, node with npm. Talks to nobody, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error prom2javascript@0.2.0 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { getMetricsFromIterator } from 'prom2javascript';

const quantile = (value) => `# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} ${value}
rpc_seconds_sum 12
rpc_seconds_count 40
`;
for (const text of [quantile('0.3'), quantile('NaN'), 'limit +Inf\n', 'limit -Inf\n', 'a 1\nlimit NaN\nb 2\n']) {
  try {
    const metrics = await getMetricsFromIterator(text.split('\n').values());
    const data = Object.values(metrics).flatMap((metric) => metric.data);
    console.log(JSON.stringify(text), '→', data.map(({ value, quantiles }) => JSON.stringify(quantiles) ?? value).join());
  } catch (error) {
    console.log(JSON.stringify(text), '→', String(error));
  }
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
"# TYPE rpc_seconds summary\nrpc_seconds{quantile=\"0.5\"} 0.3\nrpc_seconds_sum 12\nrpc_seconds_count 40\n" → {"0.5":0.3}
"# TYPE rpc_seconds summary\nrpc_seconds{quantile=\"0.5\"} NaN\nrpc_seconds_sum 12\nrpc_seconds_count 40\n" → Error: Unable to parse metric [rpc_seconds{quantile="0.5"} NaN]
"limit +Inf\n" → Infinity
"limit -Inf\n" → Error: Unable to parse metric [limit -Inf]
"a 1\nlimit NaN\nb 2\n" → Error: Unable to parse metric [limit NaN]
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
