// The exporter's paths under /internal of an Express app. The targets are in a file that Prometheus could read, too.
import express from 'express';
import { createExporter } from 'ecs-service-metrics-exporter';

const exporter = createExporter({ discovery: 'file', discoveryFiles: ['targets.json'] });

const app = express();
app.get('/', (_request, response) => {
  response.send('the platform');
});
app.use('/internal', exporter.handler);
const server = app.listen(Number(process.env.PORT ?? 8080));

process.once('SIGTERM', () => server.close(() => exporter.stop()));
