import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { DockerConnection } from '../../src/adapters/docker/connection/docker-address.ts';
import { DockerEngine } from '../../src/adapters/docker/connection/docker-engine.ts';
import { startTarget, uniqueLabel } from '../support/containers.ts';
import { discoverReal, EXEC_TECHNIQUES, RealFetcher } from '../support/docker/real-engine.ts';
import { ScriptedEngine } from '../support/docker/scripted-engine.ts';
import { TestAuthority } from '../support/openssl.ts';

const SOCKET = (process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock').slice('unix://'.length);

describe('the daemon through TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tls-'));
  let server: Server;
  let host: string;
  beforeAll(async () => {
    const authority = new TestAuthority(folder);
    const own = authority.issue('daemon', 'IP:127.0.0.1', 'serverAuth');
    const client = authority.issue('client', 'DNS:exporter', 'clientAuth');
    renameSync(authority.cert, join(folder, 'ca.pem'));
    renameSync(client.cert, join(folder, 'cert.pem'));
    renameSync(client.key, join(folder, 'key.pem'));
    const files = {
      ca: readFileSync(join(folder, 'ca.pem')),
      cert: readFileSync(own.cert),
      key: readFileSync(own.key),
    };
    // A daemon with --tlsverify is the daemon behind such a door.
    server = createServer(
      { ...files, requestCert: true, rejectUnauthorized: true, allowHalfOpen: true },
      (socket) => {
        const daemon = connect({ path: SOCKET, allowHalfOpen: true });
        socket.pipe(daemon).pipe(socket);
        socket.on('error', () => daemon.destroy()).on('close', () => daemon.destroy());
        daemon.on('error', () => socket.destroy());
      },
    );
    server.on('tlsClientError', () => undefined);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  async function problemOf(connection: DockerConnection): Promise<string> {
    const asked: Promise<unknown> = discoverReal('none', new DockerEngine(connection));
    return await asked.then(
      () => 'none',
      (error: unknown) => (error as Error).message,
    );
  }

  it('finds targets, and fetches with exec and session', async () => {
    const metricsLabel = uniqueLabel();
    await using target = await startTarget({ metricsLabel, serves: { body: 'up 1\n' } });
    const engine = new DockerEngine({ host, verifiesTls: true, certPath: folder });
    await engine.ping(AbortSignal.timeout(5000));
    const found = await discoverReal(metricsLabel, engine);
    expect(found.map(({ id }) => id)).toEqual([target.getId()]);
    for (const technique of EXEC_TECHNIQUES) {
      await using fetcher = new RealFetcher(technique, engine);
      for (let i = 0; i < 2; i++) expect(await fetcher.fetch(target.getId(), '9100/metrics')).toBe('up 1\n');
    }
  });

  it.each<[string, () => DockerConnection, RegExp]>([
    ['without TLS', () => ({ host }), /DOCKER_TLS_VERIFY/],
    ['without certificates', () => ({ host, verifiesTls: true }), /TLS .* failed .*DOCKER_CERT_PATH/],
    [
      'by a name that the certificate does not have',
      () => ({ host: host.replace('127.0.0.1', 'localhost'), verifiesTls: true, certPath: folder }),
      /TLS .* failed .*host name in DOCKER_HOST/,
    ],
  ])('%s: says what to set', async (_case, connection, expected) => {
    expect(await problemOf(connection())).toMatch(expected);
  });
});

describe('a socket that we may not open', () => {
  it('names its group and what to set', async () => {
    await using engine = await ScriptedEngine.start();
    chmodSync(join(engine.socketPath, '..'), 0o755);
    const isRoot = process.getuid!() === 0;
    chmodSync(engine.socketPath, isRoot ? 0o660 : 0);
    const [user, group] = isRoot ? [65_534, 65_534] : [process.getuid!(), process.getgid!()];
    const program = `
      const { DockerEngine } = await import(${JSON.stringify(join(import.meta.dirname, '../../src/adapters/docker/connection/docker-engine.ts'))});
      if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
      const engine = new DockerEngine({ host: ${JSON.stringify(engine.host)} });
      await engine.list({}, AbortSignal.timeout(5000)).catch((error) => console.log(error.message));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = Buffer.concat((await child.stdout.toArray()) as Buffer[]).toString();
    const { gid } = statSync(engine.socketPath);
    expect(said).toContain(`not allowed to open ${engine.socketPath} as user ${user}, group ${group}`);
    expect(said).toContain(`"user": "${user}:${gid}" (or "0")`);
    expect(said).toContain(`--group-add ${gid}`);
  });
});
