// A service whose metrics are broken.
import { createServer } from 'node:http';

createServer((_request, response) => {
  response.statusCode = 500;
  response.end('the report database is away\n');
}).listen(9100);
