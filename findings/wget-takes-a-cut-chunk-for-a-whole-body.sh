#!/usr/bin/env bash
# Software: GNU Wget 1.21.3, Debian 12 (wget 1.21.3-1+deb12u1)
#
# Guess: a body that ends before it should ends in exit code 4 (network failure), whatever part of it is missing: a
#   chunked body is incomplete if the last chunk was not received (RFC 9112, 8).
#
# Seen: it is so for a body that is shorter than its Content-Length, and for a chunked one that ends between two chunks.
#   Where the connection closes within a chunk, wget writes what came and exits with 0, as if all were well. A server
#   killed while it answers cuts in the middle of a chunk more often than between two, and a cut in "requests_total 1234"
#   leaves a line that is valid, and wrong: only a format with a last line, such as OpenMetrics, shows it.
#
# Needs: bash, node, apt-get of Debian 12 (amd64). Talks to loopback only, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
get() { apt-get -qq -o APT::Sandbox::User=root download "$@"; }
packages='wget=1.21.3-1+deb12u1 libpsl5=0.21.2-1'
# shellcheck disable=SC2086 # a list
get $packages || { apt-get -qq update; get $packages; }
for package in *.deb; do dpkg-deb -x "$package" .; done
export LD_LIBRARY_PATH="$tmp/usr/lib/x86_64-linux-gnu"

cat >run.mjs <<'JS'
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';

const chunked = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n';
const answers = {
  'chunked, whole': `${chunked}5\r\na 12\n\r\n5\r\nb 34\n\r\n0\r\n\r\n`,
  'chunked, ends between chunks': `${chunked}5\r\na 12\n\r\n`,
  'chunked, ends within a chunk': `${chunked}5\r\na 12\n\r\n5\r\nb 3`,
  'with a length, ends too early': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\na 12\nb 3',
};
for (const [title, answer] of Object.entries(answers)) {
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const options = ['--no-config', '--no-proxy', '--tries=1', '--timeout=5', '-q', '-O', '-'];
  const wget = spawn('./usr/bin/wget', [...options, `http://127.0.0.1:${server.address().port}/`]);
  const [body, [code]] = await Promise.all([text(wget.stdout), once(wget, 'close')]);
  console.log(`${title}: exit code ${code}, ${JSON.stringify(body)}`);
  server.close();
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
chunked, whole: exit code 0, "a 12\nb 34\n"
chunked, ends between chunks: exit code 4, "a 12\n"
chunked, ends within a chunk: exit code 0, "a 12\nb 3"
with a length, ends too early: exit code 4, "a 12\nb 3"
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
