import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  API_REQUESTS,
  requestsOf,
  type DockerOperation,
} from '../../../../../src/adapters/docker/connection/api-requests.ts';
import { parseDockerAddress } from '../../../../../src/adapters/docker/connection/docker-address.ts';
import { DockerEngine } from '../../../../../src/adapters/docker/connection/docker-engine.ts';
import { explainDockerError } from '../../../../../src/adapters/docker/connection/explain-docker-error.ts';
import { recordedContainer, ScriptedEngine } from '../../../../support/docker/scripted-engine.ts';
import { NEVER } from '../../../../support/fakes.ts';

const ROOT = join(import.meta.dirname, '../../../../..');
const HTTP = requestsOf('http');
const EXEC = requestsOf('exec');

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** The requests that a text names in code marks: `GET /containers/json`. */
function requestsIn(text: string): string[] {
  return [...new Set([...text.matchAll(/`((?:GET|POST) \/[^`]*)`/g)].map(([, request = '']) => request))];
}

describe('the list of requests', () => {
  it('is what the engine sends, under the names that it observes', async () => {
    const observed: [DockerOperation, string][] = [];
    await using scripted = await ScriptedEngine.start({ run: (exec) => setImmediate(() => exec.end(0)) });
    const engine = new DockerEngine(
      { host: scripted.host },
      {
        observeDockerRequest: (operation) =>
          observed.push([operation as DockerOperation, scripted.requests.at(-1) ?? '']),
      },
    );
    await engine.list({}, NEVER);
    await engine.ping(NEVER);
    const containerId = recordedContainer('alone').Id;
    const exec = await engine.createExec({ containerId, command: ['true'], kind: 'fetch' }, NEVER);
    const connection = await engine.startExec(exec, false, NEVER);
    await engine.exitCode(exec, NEVER);
    connection.destroy();
    const sent = observed.map(([operation, request]) => [
      operation,
      request.replace(/\/[0-9a-f]{64}\//, '/{id}/'),
    ]);
    const listed = Object.entries(API_REQUESTS).map(([operation, { method, path }]) => [
      operation,
      `${method} ${path}`,
    ]);
    expect(sent).toEqual(listed);
  });

  it('of http mode is one, and part of each mode', () => {
    expect(HTTP).toEqual(['GET /containers/json']);
    expect(EXEC).toEqual(expect.arrayContaining([...HTTP]));
    expect(requestsOf('auto')).toEqual(EXEC);
  });

  it('is what a refusal says must be allowed', () => {
    const refusal = Object.assign(new Error('no'), { statusCode: 403 });
    expect(explainDockerError(refusal, parseDockerAddress({ host: 'tcp://proxy:2375' }))).toMatch(
      /: allow GET \/containers\/json, and for exec mode POST \/containers\/\{id\}\/exec, POST \/exec\/\{id\}\/start and GET \/exec\/\{id\}\/json$/,
    );
  });
});

describe('where documents list the requests', () => {
  it('docs/security.md has all of them, and those of http mode where it describes the proxy', () => {
    const [variants = '', sent = ''] = read('docs/security.md').split('What the exporter itself sends');
    expect(requestsIn(variants)).toEqual(HTTP);
    expect(requestsIn(sent)).toEqual(EXEC);
  });

  it.each(['README.md', 'docs/troubleshooting.md'])('%s has those of http mode', (path) => {
    expect(requestsIn(read(path).replace(/`GET \/(?:-\/|metrics|targets|api)[^`]*`/g, ''))).toEqual(HTTP);
  });

  it('the socket proxy allows those of http mode, with and without a version', () => {
    const rules = /http-request deny .* unless \{ method (\w+) \} \{ path -m reg (\S+) \}/.exec(
      read('deploy/socket-proxy/haproxy.cfg'),
    );
    const [, method, pattern] = rules!;
    const allowed = `${method} ${pattern!.replace('^(/v[0-9]+\\.[0-9]+)?', '').replace(/\$$/, '')}`;
    expect([allowed]).toEqual(HTTP);
  });
});
