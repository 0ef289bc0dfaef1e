import { OPENMETRICS_TYPE, TEXT_TYPE } from './merging.ts';

/** A target that serves one body. */
export interface MixedTarget {
  readonly contentType: string;
  readonly body: string;
}

/**
 * Targets of both formats with what is odd in each, by container name. Their explicit timestamps are the given time, so that
 * a Prometheus that starts now takes them.
 */
export function mixedTargets(nowMs: number): Readonly<Record<string, MixedTarget>> {
  const seconds = String(nowMs / 1000);
  const text = (body: string): MixedTarget => ({ contentType: TEXT_TYPE, body });
  const openMetrics = (body: string): MixedTarget => ({ contentType: OPENMETRICS_TYPE, body });
  return {
    'text-all-types': text(`# HELP requests_total Requests, \\\\ and\\na line.
# TYPE requests_total counter
requests_total{code="200",path="C:\\\\dir\\n\\"quoted\\" é✓"} 17
requests_total { code = "500" , } 1e3
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.1"} 2
latency_seconds_bucket{le="1"} 3
latency_seconds_bucket{le="+Inf"} 4
latency_seconds_sum 2.5
latency_seconds_count 4
# TYPE rpc_seconds summary
rpc_seconds{quantile="0.5"} NaN
rpc_seconds{quantile="0.99"} 0.25
rpc_seconds_sum 12
rpc_seconds_count 40
# TYPE temperature untyped
temperature -Inf
no_type_at_all{container_name="mine"} +Inf
`),
    'text-timestamps': text(`# TYPE sampled gauge
sampled{at="explicit"} 5 ${nowMs}
# TYPE sampled_total counter
sampled_total 6 ${nowMs}
`),
    'text-conflict': text(`# TYPE shared gauge
shared 1
# TYPE rpc_seconds gauge
rpc_seconds 3
{"utf8.name", "a.label"="x"} 1`),
    'text-duplicates': text(`# TYPE twice gauge
twice{a="1",b="2"} 1
twice{b="2",a="1",c=""} 2
twice{a="1"} 3
`),
    'text-broken': text('fine 1\nbroken{a="1} 2\n'),
    'openmetrics-all-types': openMetrics(`# HELP requests Requests of another.
# TYPE requests counter
requests_total{code="200"} 5 # {trace_id="abc"} 0.5 ${seconds}
requests_created{code="200"} ${seconds}
# TYPE latency_seconds histogram
# UNIT latency_seconds seconds
latency_seconds_bucket{le="0.1"} 1 # {trace_id="\\"q\\""} 0.05
latency_seconds_bucket{le="1.0"} 1
latency_seconds_bucket{le="+Inf"} 2 # {} 7
latency_seconds_count 2
latency_seconds_sum 7.05
# TYPE queue_bytes gaugehistogram
# UNIT queue_bytes bytes
queue_bytes_bucket{le="10.0"} 1
queue_bytes_bucket{le="+Inf"} 2
queue_bytes_gcount 2
queue_bytes_gsum 30
# TYPE build info
build_info{version="1.2.3"} 1
# TYPE mode stateset
mode{mode="on"} 1
mode{mode="off"} 0
# TYPE odd unknown
odd 1
# EOF
`),
    'openmetrics-timestamps': openMetrics(`# TYPE sampled gauge
sampled{at="explicit"} 7 ${seconds}
# TYPE jobs counter
jobs_total 9 ${seconds}
# EOF
`),
    'openmetrics-conflict': openMetrics(`# TYPE shared counter
shared_total 2
# TYPE mode gauge
mode 3
# EOF
`),
  };
}
