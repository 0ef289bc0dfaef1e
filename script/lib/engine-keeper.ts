// Runs a private engine for with-engine.ts until the pipe from it closes, even if with-engine.ts was killed. Writes one line of
// JSON: { host } or { error }. Reads the ids of process groups, one a line, and kills them before it stops the engine.
import { createInterface } from 'node:readline';
import { removeAbandonedEngines } from './engine-remains.ts';
import { startPrivateEngine } from './private-engine.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The process that reads our answer and our messages may have ended.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

for (const folder of await removeAbandonedEngines()) {
  process.stderr.write(`removed what a killed run left in ${folder}\n`);
}
try {
  await using engine = await startPrivateEngine();
  process.stdout.write(`${JSON.stringify({ host: engine.host })}\n`);
  const groups: number[] = [];
  for await (const line of createInterface({ input: process.stdin })) groups.push(Number(line));
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
