// A program that has metrics of its own in prom-client's registry: they are served with everything else, as one more source.
import { createServer } from 'node:http';
import { Counter, register } from 'prom-client';
import { createExporter } from 'ecs-service-metrics-exporter';

const requests = new Counter({ name: 'platform_requests_total', help: 'Requests to the platform.' });

const exporter = createExporter({ fetchMode: 'http', registries: { platform: register } });

const server = createServer((request, response) => {
  requests.inc();
  exporter.handler(request, response);
}).listen(Number(process.env.PORT ?? 8080));

process.once('SIGTERM', () => server.close(() => exporter.stop()));
