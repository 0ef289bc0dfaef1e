// A web shop, instrumented with prom-client: serves its metrics on the port of its pages, on all addresses.
import { createServer } from 'node:http';
import { collectDefaultMetrics, Counter, Histogram, register } from 'prom-client';

collectDefaultMetrics();
const orders = new Counter({ name: 'shop_orders_total', help: 'Orders placed.', labelNames: ['payment'] });
const duration = new Histogram({ name: 'shop_checkout_duration_seconds', help: 'Duration of a checkout.' });

setInterval(() => {
  orders.inc({ payment: Math.random() < 0.8 ? 'card' : 'invoice' });
  duration.observe(Math.random());
}, 500);

createServer(async (request, response) => {
  if (request.url === '/metrics') {
    response.setHeader('content-type', register.contentType);
    response.end(await register.metrics());
  } else {
    response.end('Welcome to the shop.\n');
  }
}).listen(8080);
