import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { parseDockerAddress } from '../../../../../src/adapters/docker/connection/docker-address.ts';
import { explainDockerError } from '../../../../../src/adapters/docker/connection/explain-docker-error.ts';

const TCP = parseDockerAddress({ host: 'tcp://docker.internal:2375' });
const folder = mkdtempSync(join(tmpdir(), 'docker-error-'));
const socket = join(folder, 'docker.sock');
writeFileSync(socket, '');
chmodSync(socket, 0o660);
afterAll(() => rmSync(folder, { recursive: true }));

function failed(facts: object): Error {
  return Object.assign(new Error('connect failed'), facts);
}

describe('explainDockerError', () => {
  it('names the group of the socket and where to set it', () => {
    const text = explainDockerError(
      failed({ code: 'EACCES' }),
      parseDockerAddress({ host: `unix://${socket}` }),
    );
    const { gid } = statSync(socket);
    expect(text).toContain(`not allowed to open ${socket}`);
    expect(text).toMatch(new RegExp(`"user": "\\d+:${gid}"`));
    expect(text).toContain('(or "0")');
    expect(text).toContain(`--group-add ${gid}`);
  });

  it('sees the folder that Docker makes where a mounted socket was missing', () => {
    const text = explainDockerError(
      failed({ code: 'ECONNREFUSED' }),
      parseDockerAddress({ host: `unix://${folder}` }),
    );
    expect(text).toContain('is a directory');
  });

  it.each([
    ['no daemon', { code: 'ECONNREFUSED' }, /no Docker daemon listens at tcp:\/\/docker.internal:2375/],
    ['an unknown host', { code: 'ENOTFOUND' }, /can't be resolved/],
    ['no route', { code: 'EHOSTUNREACH' }, /check DOCKER_HOST, routes/],
    ['reset', { code: 'ECONNRESET' }, /DOCKER_TLS_VERIFY if it wants TLS/],
    ['a foreign certificate', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, /TLS .* failed .*DOCKER_CERT_PATH/],
    ['a wrong name', { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, /host name in DOCKER_HOST/],
    ['no HTTP', { code: 'HPE_INVALID_CONSTANT' }, /not a Docker daemon/],
    [
      'HTTP to a TLS port',
      { statusCode: 400, json: Buffer.from('Client sent an HTTP request to an HTTPS server.') },
      /wants TLS: set DOCKER_TLS_VERIFY=1/,
    ],
    [
      'an API version',
      {
        statusCode: 400,
        json: { message: 'client version 1.24 is too old. Minimum supported API version is 1.44' },
      },
      /refuses the API version/,
    ],
  ])('%s', (_case, facts, expected) => {
    expect(explainDockerError(failed(facts), TCP)).toMatch(expected);
  });
});
