import type { ExecStarter } from '../exec/run/exec-starter.ts';
import { readToEnd } from '../exec/run/exec-output.ts';
import { WGET_OPTIONS } from '../exec/clients/wget-client.ts';
import { LIMITED } from '../exec/clients/shell-functions.ts';

/**
 * The service of a task; `none`: it has none, or it can't be asked for; `later`: there was no answer just now; `queued`: it was not
 * asked, for want of a place to start an exec.
 */
export type TaskService = { readonly name: string } | 'none' | 'later' | 'queued';

const SECONDS = 2;
const MAX_BYTES = 1024 * 1024;
const NOT_ON_ECS = 64;
const NO_ANSWER_YET: ReadonlySet<number> = new Set([7, 28, 124, 137, 143]);

/**
 * Asks the task metadata endpoint, version 4, from inside a container. The variable that the ECS agent sets there is
 * believed only if it is what the agent writes: nothing else chooses an address.
 */
const SCRIPT = `${LIMITED}
base=http://169.254.170.2/v4/
case $ECS_CONTAINER_METADATA_URI_V4 in "$base"?*) ;; *) exit ${NOT_ON_ECS} ;; esac
id=\${ECS_CONTAINER_METADATA_URI_V4#"$base"}
case $id in *[!0123456789abcdef-]*) exit ${NOT_ON_ECS} ;; esac
if command -v curl >/dev/null 2>&1; then
  exec curl -q -sS -g -f --noproxy '*' --proto '=http' --max-time ${SECONDS} --max-filesize ${MAX_BYTES} "$base$id/task" </dev/null
fi
case $(wget --version 2>&1) in
*'GNU Wget'*) limited ${SECONDS} wget ${WGET_OPTIONS.gnu.join(' ')} "$base$id/task" ;;
*BusyBox*) limited ${SECONDS} wget ${WGET_OPTIONS.busybox.join(' ')} "$base$id/task" ;;
*) exit 127 ;;
esac`;

/** Finds out which ECS service a container's task belongs to. Rejects with DockerRequestError, or the signal's reason. */
export async function askTaskService(
  starter: ExecStarter,
  containerId: string,
  signal: AbortSignal,
): Promise<TaskService> {
  const command = ['sh', '-c', SCRIPT, 'ecs-service-metrics-exporter'];
  const exec = await starter.start(() => ({ containerId, command, kind: 'metadata' }), signal);
  if (exec === 'queued') return exec;
  const chunks: Buffer[] = [];
  let byteLength = 0;
  const output = {
    onStdout: (bytes: Buffer): void => {
      byteLength += bytes.length;
      if (byteLength > MAX_BYTES) exec.connection.destroy();
      else chunks.push(Buffer.from(bytes));
    },
    onStderr: (): void => undefined,
  };
  if ((await readToEnd(exec.connection, output, signal)) === 'cut') return 'later';
  const exitCode = await exec.exitCode(signal);
  if (exitCode !== 0) return NO_ANSWER_YET.has(exitCode) ? 'later' : 'none';
  return readServiceName(Buffer.concat(chunks).toString('utf8'));
}

function readServiceName(json: string): TaskService {
  let task: unknown;
  try {
    task = JSON.parse(json);
  } catch {
    return 'none';
  }
  const name: unknown =
    typeof task === 'object' && task !== null && 'ServiceName' in task ? task.ServiceName : undefined;
  // Amazon ECS API, CreateService: up to 255 letters, digits, underscores and hyphens.
  return typeof name === 'string' && /^[A-Za-z0-9_-]{1,255}$/.test(name) ? { name } : 'none';
}
