// Runs inside target containers (node --eval): serves what TARGET_SERVERS says, see containers.ts.
const { createServer } = require('node:http');

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
  const body = Buffer.from(route.body ?? '', 'latin1');
  const headers = { ...route.headers };
  if (route.contentType !== null) headers['content-type'] = route.contentType;
  if (!route.chunked) headers['content-length'] = body.length + (route.missingBytes ?? 0);
  response.writeHead(route.status ?? 200, headers);
  response.write(body);
  if (route.hangs === 'in-body') return;
  if (route.missingBytes) response.socket.end();
  else response.end();
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
