#!/usr/bin/env bash
# Software: Prometheus::Tiny 0.010, Debian 12 (libprometheus-tiny-perl 0.010-1), read by the Python client 0.16.0, Debian 12
#   (python3-prometheus-client 0.16.0-0.1)
#
# Guess: a declared histogram is written as one group, buckets by their bounds, whatever else is declared: all lines of a
#   metric must be one group (exposition_formats.md, which wants buckets in increasing order, too).
#
# Seen: lines are sorted by sample name, so a gauge http_seconds_active gets between the histogram's TYPE line and its
#   http_seconds_bucket, and the bucket 10 comes before 2.5. Prometheus puts up with it. The Python parser, whose families
#   are runs of lines, finds a histogram without samples and six untyped families; alone, the same histogram is one.
#
# Needs: bash, perl, python3, apt-get of Debian 12. Talks to nobody, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$@"; }
packages='libprometheus-tiny-perl=0.010-1 python3-prometheus-client=0.16.0-0.1'
# shellcheck disable=SC2086 # a list
get $packages || { apt-get -qq update; get $packages; }
for package in *.deb; do dpkg-deb -x "$package" .; done

cat >write.pl <<'PERL'
use lib 'usr/share/perl5';
use Prometheus::Tiny;

my $metrics = Prometheus::Tiny->new;
$metrics->declare('http_seconds', type => 'histogram', help => 'Time.', buckets => [1, 2.5, 10]);
$metrics->histogram_observe('http_seconds', 3);
if (@ARGV) {
  $metrics->declare('http_seconds_active', type => 'gauge', help => 'Requests being served.');
  $metrics->set('http_seconds_active', 1);
}
print $metrics->format;
PERL
cat >read.py <<'PYTHON'
import sys

sys.path.insert(0, "usr/lib/python3/dist-packages")
from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    print(f"    {family.type} {family.name}, samples: {len(family.samples)}")
PYTHON

{
  echo 'The histogram alone is read as'
  perl write.pl | python3 read.py
  echo 'With a gauge http_seconds_active the text is'
  perl write.pl gauge | sed 's/^/    /'
  echo 'and is read as'
  perl write.pl gauge | python3 read.py
} >seen
cat >expected <<'SEEN'
The histogram alone is read as
    histogram http_seconds, samples: 6
With a gauge http_seconds_active the text is
    # HELP http_seconds Time.
    # TYPE http_seconds histogram
    # HELP http_seconds_active Requests being served.
    # TYPE http_seconds_active gauge
    http_seconds_active 1
    http_seconds_bucket{le="1"} 0
    http_seconds_bucket{le="10"} 1
    http_seconds_bucket{le="2.5"} 0
    http_seconds_bucket{le="+Inf"} 1
    http_seconds_count 1
    http_seconds_sum 3
and is read as
    histogram http_seconds, samples: 0
    gauge http_seconds_active, samples: 1
    unknown http_seconds_bucket, samples: 1
    unknown http_seconds_bucket, samples: 1
    unknown http_seconds_bucket, samples: 1
    unknown http_seconds_bucket, samples: 1
    unknown http_seconds_count, samples: 1
    unknown http_seconds_sum, samples: 1
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
