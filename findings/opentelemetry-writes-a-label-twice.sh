#!/usr/bin/env bash
# Software: @opentelemetry/exporter-prometheus 0.223.0 with sdk-metrics 2.12.1 (npm), and promtool 2.42.0, Debian 12
#   (prometheus 2.42.0+ds-5+deb12u1), as the reader
#
# Guess: two attributes whose names are the same once they are made label names (http.status and http_status, while a
#   program moves from one convention to the other) become one label, with both values joined by a semicolon, as
#   OpenTelemetry's specification of Prometheus compatibility demands.
#
# Seen: the label is written twice. A name may be there once only, so promtool refuses the exposition, and a server that
#   scrapes it loses all metrics of that program. Attributes named le on a histogram and otel_scope_name do the same.
#   Nothing is logged, and the text looks fine at a glance.
#
# Needs: bash, node with npm, apt-get of Debian 12 (amd64). Talks to nobody, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$1"; }
get prometheus=2.42.0+ds-5+deb12u1 || { apt-get -qq update; get prometheus=2.42.0+ds-5+deb12u1; }
dpkg-deb -x prometheus_*.deb .
npm install --prefix . --no-audit --no-fund --loglevel=error @opentelemetry/api@1.9.1 \
  @opentelemetry/sdk-metrics@2.12.1 @opentelemetry/exporter-prometheus@0.223.0 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { spawnSync } from 'node:child_process';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

async function show(title, record) {
  const reader = new PrometheusExporter({ preventServerStart: true });
  record(new MeterProvider({ readers: [reader] }).getMeter('shop'));
  const { resourceMetrics } = await reader.collect();
  const text = new PrometheusSerializer().serialize(resourceMetrics);
  const { stderr } = spawnSync('./usr/bin/promtool', ['check', 'metrics'], { input: text });
  console.log(title);
  console.log(text.split('\n').filter((line) => /^(requests|seconds.*Inf)/.test(line)).join('\n'));
  console.log(`promtool: ${String(stderr).match(/error.*/)?.[0] ?? 'no error'}`);
}
const counter = (meter) => meter.createCounter('requests', { description: 'Requests.' });
await show('one attribute', (meter) => counter(meter).add(1, { 'http.status': '200' }));
await show('two that meet', (meter) => counter(meter).add(1, { 'http.status': '200', http_status: 'OK' }));
await show('otel_scope_name', (meter) => counter(meter).add(1, { otel_scope_name: 'mine' }));
await show('le', (meter) => meter.createHistogram('seconds', { description: 'Time.' }).record(1, { le: 'Mans' }));
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
one attribute
requests_total{http_status="200",otel_scope_name="shop"} 1
promtool: no error
two that meet
requests_total{http_status="200",http_status="OK",otel_scope_name="shop"} 1
promtool: error while linting: text format parsing error in line 6: duplicate label names for metric "requests_total"
otel_scope_name
requests_total{otel_scope_name="mine",otel_scope_name="shop"} 1
promtool: error while linting: text format parsing error in line 6: duplicate label names for metric "requests_total"
le
seconds_bucket{le="Mans",otel_scope_name="shop",le="+Inf"} 1
promtool: error while linting: text format parsing error in line 6: expected float as value for 'le' label, got "Mans"
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
