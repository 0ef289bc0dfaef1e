#!/usr/bin/env bash
# Software: prom-client 15.1.3 (npm)
#
# Guess: a series is its set of labels (data_model.md), whatever characters their values have, so two increments with
#   different values are two series.
#
# Seen: series are kept under a key of "name:value," put together without escapes, so values that contain ",name:" can
#   give the same key. The second series never appears; its counts are added to the first. Values from outside, such as
#   image references, queries or lists of key:value pairs, do this. Nothing is raised or logged.
#
# Needs: bash, node with npm. Talks to nobody, once the package is here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error prom-client@15.1.3 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { Counter, Gauge, register } from 'prom-client';

const searches = new Counter({ name: 'searches_total', help: 'Searches.', labelNames: ['filter', 'status'] });
searches.inc({ filter: 'city:Rome,status:open', status: '200' });
searches.inc({ filter: 'city:Rome', status: 'open,status:200' });

const temperature = new Gauge({ name: 'temperature', help: 'Degrees.', labelNames: ['place', 'room'] });
temperature.set({ place: 'attic,room:3' }, 30);
temperature.set({ place: 'attic', room: '3' }, 10);

console.log((await register.metrics()).trim());
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
# HELP searches_total Searches.
# TYPE searches_total counter
searches_total{filter="city:Rome,status:open",status="200"} 2

# HELP temperature Degrees.
# TYPE temperature gauge
temperature{place="attic",room="3"} 10
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
