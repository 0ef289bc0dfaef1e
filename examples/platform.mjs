// A platform service on Koa: its own discovery, and its own auth in front of the exporter's paths.
import { randomUUID } from 'node:crypto';
import Koa from 'koa';
import { createExporter, targetsOf } from 'ecs-service-metrics-exporter';

const { METRICS_TOKEN: token = randomUUID(), CHECKOUT: checkout = '127.0.0.1:9100' } = process.env;

// Stands for whatever knows your services: Nomad, Consul, a table.
const services = [{ name: 'checkout', address: checkout }];

const exporter = createExporter({
  discovery: {
    discover: async () =>
      targetsOf(
        services.map(({ name, address }) => ({ targets: [address], labels: { container_name: name } })),
      ),
  },
});

const app = new Koa();
app.use(async (ctx, next) => {
  if (ctx.get('Authorization') !== `Bearer ${token}`) ctx.throw(401);
  await next();
});
app.use(exporter.router.prefix('/internal').routes());
const server = app.listen(Number(process.env.PORT ?? 8080));

process.once('SIGTERM', () => server.close(() => exporter.stop()));
