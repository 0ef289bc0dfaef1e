// Preloaded into the exporter (NODE_OPTIONS=--import): on SIGUSR2 it writes its heap after garbage collection to stdout.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

process.on('SIGUSR2', () => {
  gc();
  gc();
  process.stdout.write(
    `heap-report ${process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers}\n`,
  );
});
