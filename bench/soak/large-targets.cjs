// Runs inside a container of the soak test (node --eval): TARGETS servers from port 9101 on, each with SAMPLES samples.
const { createServer } = require('node:http');

const { TARGETS, SAMPLES } = process.env;
let starting = Number(TARGETS);
for (let i = 0; i < TARGETS; i++) {
  const lines = Array.from({ length: SAMPLES }, (_, n) => {
    const labels = `method="GET",path="/api/v1/resource/${n}",status="200",zone="eu-west-1a",shard="${i}"`;
    return `large_http_requests_duration_seconds_total{${labels}} ${n * 1000}.${n}\n`;
  });
  const body = Buffer.from(`# TYPE large_http_requests_duration_seconds_total counter\n${lines.join('')}`);
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', 'content-length': body.length });
    response.end(body);
  });
  server.listen(9101 + i, '0.0.0.0', () => {
    if (--starting === 0) console.log('ready');
  });
}
process.on('SIGTERM', () => process.exit(0));
