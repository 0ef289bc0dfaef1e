// The exporter's paths under /internal of a Fastify app, and the merged metrics alone as bytes for a handler of your own.
import { fastify } from 'fastify';
import { createExporter } from 'ecs-service-metrics-exporter';

const exporter = createExporter({ discovery: 'file', discoveryFiles: ['targets.json'] });

const app = fastify();
app.all('/internal/*', (request, reply) => {
  reply.hijack();
  request.raw.url = request.url.slice('/internal'.length);
  exporter.handler(request.raw, reply.raw);
});
app.get('/metrics', async (request, reply) => {
  const { contentType, bytes } = await exporter.collect(undefined, { accept: request.headers.accept });
  return reply.header('Content-Type', contentType).send(bytes);
});
app.addHook('onClose', () => exporter.stop());
await app.listen({ port: Number(process.env.PORT ?? 8080) });

process.once('SIGTERM', () => app.close());
