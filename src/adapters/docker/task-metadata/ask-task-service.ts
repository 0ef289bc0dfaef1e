import { PROGRAM_NAME } from '../../../domain/program-name.ts';
import { curlCall } from '../exec/clients/curl-client.ts';
import { LIMITED, shellText } from '../exec/clients/shell-functions.ts';
import { WGET_CALLS, WGET_PATTERNS } from '../exec/clients/wget-client.ts';
import { readToEnd } from '../exec/run/exec-output.ts';
import type { ExecStarter } from '../exec/run/exec-starter.ts';

/**
 * The service of a task; `none`: it has none, or there is no way to ask; `later`: there was no answer just now; `queued`: it
 * was not asked, because no exec could be started in time.
 */
export type TaskService = { readonly name: string } | 'none' | 'later' | 'queued';

const SECONDS = 2;
const MAX_BYTES = 1024 * 1024;
const NOT_ON_ECS = 64;
const NO_ANSWER_YET: ReadonlySet<number> = new Set([7, 28, 124, 137, 143]);

/**
 * Asks the task metadata endpoint, version 4, from inside a container. The address is in a variable that the ECS agent sets
 * there; any other form than the agent's own is refused, so that a container can't choose an address.
 */
const SCRIPT = `${LIMITED}
base=http://169.254.170.2/v4/
case $ECS_CONTAINER_METADATA_URI_V4 in "$base"?*) ;; *) exit ${NOT_ON_ECS} ;; esac
id=\${ECS_CONTAINER_METADATA_URI_V4#"$base"}
case $id in *[!0123456789abcdef-]*) exit ${NOT_ON_ECS} ;; esac
if command -v curl >/dev/null 2>&1; then
  exec ${shellText(curlCall('http', String(SECONDS), String(MAX_BYTES)))} "$base$id/task" </dev/null
fi
case $(wget --version 2>&1) in
${WGET_PATTERNS.gnu}) limited ${SECONDS} ${shellText(WGET_CALLS.gnu)} "$base$id/task" ;;
${WGET_PATTERNS.busybox}) limited ${SECONDS} ${shellText(WGET_CALLS.busybox)} "$base$id/task" ;;
*) exit 127 ;;
esac`;

/** Asks which ECS service a container's task belongs to. Rejects with DockerRequestError, or the signal's reason. */
export async function askTaskService(
  starter: ExecStarter,
  containerId: string,
  signal: AbortSignal,
): Promise<TaskService> {
  const command = ['sh', '-c', SCRIPT, PROGRAM_NAME];
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
