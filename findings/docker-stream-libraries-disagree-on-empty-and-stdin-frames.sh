#!/usr/bin/env bash
# Software: docker-modem 5.0.7 (dockerode's), @docker/node-sdk 0.0.17 and docker-raw-stream 1.3.1 (npm)
#
# Guess: all three take a multiplexed stream of the Docker Engine API apart in the same way. Its reference (Attach to a
#   container, stream format) gives each frame a type (0: stdin, "is written on stdout", 1: stdout, 2: stderr) and
#   a length, for which any number of bytes will do, also none.
#
# Seen: a frame of type 0 reaches stderr with docker-modem and docker-raw-stream, and nobody with @docker/node-sdk; none
#   writes it on stdout. At a frame of no bytes docker-raw-stream stops: what follows is swallowed, and both of its
#   streams end as if the container had said no more. No error anywhere.
#
# Needs: bash, node with npm. Talks to nobody, once the packages are here.

set -euo pipefail
sed -n '2,/^$/s/^# \{0,1\}//p' "$0"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"
npm install --prefix . --no-audit --no-fund --loglevel=error docker-modem@5.0.7 @docker/node-sdk@0.0.17 \
  docker-raw-stream@1.3.1 >npm.log || { cat npm.log; exit 1; }

cat >run.mjs <<'JS'
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as sdk from '@docker/node-sdk';
import Modem from 'docker-modem';
import raw from 'docker-raw-stream';

const frame = (type, words) => {
  const header = Buffer.from([type, 0, 0, 0, 0, 0, 0, words.length]);
  return Buffer.concat([header, Buffer.from(words)]);
};
const libraries = {
  'docker-modem': (source, stdout, stderr) => new Modem().demuxStream(source, stdout, stderr),
  '@docker/node-sdk': (source, stdout, stderr) => source.pipe(sdk.demultiplexStream(stdout, stderr)),
  'docker-raw-stream': (source, stdout, stderr) => {
    const decoder = source.pipe(raw.decode());
    decoder.stdout.pipe(stdout);
    decoder.stderr.pipe(stderr);
  },
};
const streams = {
  'stdout, stderr': [frame(1, 'out'), frame(2, 'err')],
  'stdin, stdout': [frame(0, 'in'), frame(1, 'out')],
  'stdout, an empty frame, stdout': [frame(1, 'out'), frame(1, ''), frame(1, 'more')],
};
for (const [title, frames] of Object.entries(streams)) {
  console.log(title);
  for (const [library, demultiplex] of Object.entries(libraries)) {
    const source = new PassThrough();
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    demultiplex(source, stdout, stderr);
    source.end(Buffer.concat(frames));
    await sleep(200);
    stdout.end();
    stderr.end();
    console.log(`    ${library}: stdout ${JSON.stringify(await text(stdout))}, stderr ${JSON.stringify(await text(stderr))}`);
  }
}
JS

timeout 60 node run.mjs >seen
cat >expected <<'SEEN'
stdout, stderr
    docker-modem: stdout "out", stderr "err"
    @docker/node-sdk: stdout "out", stderr "err"
    docker-raw-stream: stdout "out", stderr "err"
stdin, stdout
    docker-modem: stdout "out", stderr "in"
    @docker/node-sdk: stdout "out", stderr ""
    docker-raw-stream: stdout "out", stderr "in"
stdout, an empty frame, stdout
    docker-modem: stdout "outmore", stderr ""
    @docker/node-sdk: stdout "outmore", stderr ""
    docker-raw-stream: stdout "out", stderr ""
SEEN
cat seen
diff expected seen || { echo 'This has changed.'; exit 1; }
echo 'As described.'
