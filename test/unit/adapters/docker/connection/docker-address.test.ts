import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { parseDockerAddress } from '../../../../../src/adapters/docker/connection/docker-address.ts';
import { createDockerClient } from '../../../../../src/adapters/docker/connection/docker-client.ts';
import { TestAuthority } from '../../../../support/openssl.ts';

describe('parseDockerAddress', () => {
  it.each([
    [{}, { kind: 'unix', socketPath: '/var/run/docker.sock' }],
    [
      { host: 'unix:///run/user/1000/docker.sock' },
      { kind: 'unix', socketPath: '/run/user/1000/docker.sock' },
    ],
    [{ host: 'tcp://10.0.0.1:4243' }, { kind: 'tcp', host: '10.0.0.1', port: 4243, usesTls: false }],
    [{ host: 'tcp://docker' }, { kind: 'tcp', host: 'docker', port: 2375, usesTls: false }],
    [
      { host: 'tcp://docker', verifiesTls: true },
      { kind: 'tcp', host: 'docker', port: 2376, usesTls: true },
    ],
    [
      { host: 'tcp://docker:2375', certPath: '/certs' },
      { kind: 'tcp', host: 'docker', port: 2375, usesTls: true },
    ],
    [{ host: 'http://proxy:80' }, { kind: 'tcp', host: 'proxy', port: 80, usesTls: false }],
    [{ host: 'https://docker:443' }, { kind: 'tcp', host: 'docker', port: 443, usesTls: true }],
    [{ host: 'tcp://[::1]:2375' }, { kind: 'tcp', host: '[::1]', port: 2375, usesTls: false }],
  ])('%j', (connection, expected) => {
    expect(parseDockerAddress(connection)).toMatchObject(expected);
  });

  it.each([
    'tcp://user:secret@host:1',
    'https://:secret@host',
    'ssh://user:secret@host',
    'user:secret@host:1',
  ])('%s is refused without being repeated', (host) => {
    expect(() => parseDockerAddress({ host })).toThrow(/^DOCKER_HOST has an "@"/);
  });

  it.each(['docker.sock', 'ssh://docker', 'unix://docker.sock', 'tcp://'])('%s is refused', (host) => {
    expect(() => parseDockerAddress({ host })).toThrow(/DOCKER_HOST .* is not understood/);
  });
});

describe('createDockerClient', () => {
  it('spares the library from describing all open sockets for each request', () => {
    const { agent } = createDockerClient({}).modem as unknown as { agent: object };
    expect(inspect(agent, { showHidden: true, depth: null })).toBe('Agent');
  });

  it('names the files that DOCKER_CERT_PATH must hold', () => {
    expect(() =>
      createDockerClient({ host: 'tcp://docker:2376', verifiesTls: true, certPath: '/nowhere' }),
    ).toThrow(/DOCKER_CERT_PATH must hold ca.pem, cert.pem and key.pem: .*\/nowhere\/ca.pem/);
  });

  it.each(['ca.pem', 'cert.pem', 'key.pem'])('names %s if it is no PEM', (bad) => {
    const folder = mkdtempSync(join(tmpdir(), 'certs-'));
    try {
      const { cert, key } = new TestAuthority(folder).issue('docker', 'DNS:docker', 'clientAuth');
      const files = { 'ca.pem': cert, 'cert.pem': cert, 'key.pem': key };
      for (const [name, file] of Object.entries(files)) copyFileSync(file, join(folder, name));
      const connection = { host: 'tcp://docker:2376', certPath: folder };
      expect(() => createDockerClient(connection)).not.toThrow();
      writeFileSync(join(folder, bad), 'not a PEM file');
      expect(() => createDockerClient(connection)).toThrow(
        expect.objectContaining({
          name: 'DockerConnectionError',
          message: expect.stringMatching(new RegExp(`^DOCKER_CERT_PATH must hold .*/${bad}: `)) as unknown,
        }) as Error,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // The library would read them itself, and refuse them.
  it.each(['http://', 'tcp://127.0.0.1:1'])('reads nothing from the environment: DOCKER_HOST=%s', (host) => {
    const { env } = process;
    process.env = { ...env };
    try {
      Object.assign(process.env, { DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' });
      const { modem } = createDockerClient({ host: 'unix:///own.sock' });
      expect(modem).toMatchObject({ socketPath: '/own.sock', host: undefined });
      expect(process.env['DOCKER_HOST']).toBe(host);
    } finally {
      process.env = env;
    }
  });
});
