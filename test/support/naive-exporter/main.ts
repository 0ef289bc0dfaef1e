// What the first exporter of this kind did, to show that the tests of its faults can fail: a curl per container at once
// without limits, a label pasted into every line, bodies glued together.
import { createServer } from 'node:http';
import { PassThrough } from 'node:stream';
import Docker from 'dockerode';

const docker = new Docker();
const metricsLabel = process.env['DOCKER_LABEL_HAS_METRICS'] ?? 'container-exposes-metrics';

async function collect(): Promise<string> {
  const containers = await docker.listContainers();
  const labelled = containers.filter(({ Labels }) => metricsLabel in Labels);
  const bodies = await Promise.all(labelled.map((container) => scrape(container).catch(() => '')));
  return bodies.join('');
}

async function scrape({ Id, Names, Labels }: Docker.ContainerInfo): Promise<string> {
  const name = Labels['com.amazonaws.ecs.container-name'] ?? Names[0]?.slice(1) ?? '';
  const command = ['curl', '-s', `http://localhost:${Labels[metricsLabel] ?? ''}`];
  const exec = await docker.getContainer(Id).exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true });
  const stdout = new PassThrough();
  docker.modem.demuxStream(stream, stdout, new PassThrough());
  stream.on('end', () => stdout.end());
  let body = '';
  for await (const chunk of stdout) body += String(chunk);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) {
    console.error(`curl failed in ${name}: ${body}`);
    return '';
  }
  return body
    .split('\n')
    .map((line) => addLabel(line, name))
    .join('\n');
}

function addLabel(line: string, name: string): string {
  if (line === '' || line.startsWith('#')) return line;
  const label = `container_name="${name}"`;
  if (line.includes('{')) return line.replace('{', () => `{${label},`);
  return line.replace(' ', () => `{${label}} `);
}

const server = createServer((request, response) => {
  if (request.url === '/alive') {
    response.end();
    return;
  }
  collect().then(
    (metrics) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(metrics),
    () => response.writeHead(404).end(),
  );
});
server.listen(Number(process.env['HTTP_LISTEN_PORT']), process.env['HTTP_LISTEN_ADDRESS']);
