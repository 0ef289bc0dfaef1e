// Holds a private engine for with-engine.ts until the pipe to it closes, however that one ends. Answers with one line of
// JSON: { host } or { error }. Reads the ids of process groups, one a line, that end with the engine.
import { createInterface } from 'node:readline';
import { removeAbandonedEngines } from './engine-remains.ts';
import { startPrivateEngine } from './private-engine.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
// The reader of our answer and of our messages may be gone.
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
