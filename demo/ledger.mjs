// A ledger that serves its metrics only on the container's own loopback address: reachable from inside alone.
import { createServer } from 'node:http';

let entries = 0;
setInterval(() => (entries += 1), 200);

createServer((_request, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(
    `# HELP ledger_entries_total Entries written.\n# TYPE ledger_entries_total counter\nledger_entries_total ${entries}\n`,
  );
}).listen(9464, '127.0.0.1');
