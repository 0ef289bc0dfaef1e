// Runs inside target containers (node --eval): serves what TARGET_SERVERS says, see containers.ts.
const { createServer } = require('node:http');
const { gzipSync } = require('node:zlib');

function answer(request, response, routes) {
  const route = routes[request.url] ?? routes['*'];
  console.log(`request ${request.socket.localPort} ${request.method} ${request.url}`);
  if (route === undefined) {
    response.writeHead(404).end();
    return;
  }
  setTimeout(() => send(response, route), route.delayMs ?? 0);
}

function send(response, route) {
  if (route.hangs === 'before-headers') return;
  const text = Buffer.from(route.body ?? '', 'latin1');
  const body = route.gzippedRepeats ? gzipSync(Buffer.alloc(text.length * route.gzippedRepeats, text)) : text;
  const headers = { ...route.headers };
  if (route.contentType !== null) headers['content-type'] = route.contentType;
  if (route.gzippedRepeats) headers['content-encoding'] = 'gzip';
  const promised = body.length * (route.repeats ?? 1) + (route.missingBytes ?? 0);
  if (!route.chunked) headers['content-length'] = promised;
  response.writeHead(route.status ?? 200, headers);
  if (route.dripMs) return drip(response, body, route.dripMs);
  if (route.repeats) return repeat(response, body, route.repeats);
  response.write(body);
  if (route.hangs === 'in-body') return;
  if (route.missingBytes) response.socket.end();
  else response.end();
}

function drip(response, body, everyMs) {
  let sent = 0;
  const timer = setInterval(() => response.write(body.subarray(sent, ++sent)), everyMs);
  response.on('close', () => clearInterval(timer));
}

function repeat(response, body, times) {
  const perBlock = Math.max(1, Math.floor(65536 / body.length));
  const block = Buffer.alloc(body.length * perBlock, body);
  let left = times;
  const send = () => {
    while (left > 0 && !response.destroyed) {
      const count = Math.min(left, perBlock);
      left -= count;
      if (!response.write(block.subarray(0, count * body.length))) return response.once('drain', send);
    }
    response.end();
  };
  send();
}

const servers = JSON.parse(process.env.TARGET_SERVERS);
let starting = servers.length;
for (const { port, host, routes } of servers) {
  const server = createServer((request, response) => answer(request, response, routes));
  server.on('connection', () => console.log(`connection ${port}`));
  server.listen(port, host, () => {
    if (--starting === 0) console.log('target is ready');
  });
}
process.on('SIGTERM', () => process.exit(0));
