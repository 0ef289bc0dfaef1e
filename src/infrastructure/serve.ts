import type { Logger } from '../domain/logger.ts';
import type { WebServer } from '../adapters/web/web-server.ts';
import { WebConfigError } from '../adapters/web/config/web-config.ts';
import { formatByteSize } from './config/byte-size.ts';
import { defaultFetchMode, type Settings } from './config/settings.ts';
import { buildContainer } from './container/build-container.ts';
import { SERVICES } from './container/services.ts';
import { drain } from './drain.ts';
import { VERSION } from './version.ts';

const EXIT_FAILED = 1;

/** Serves until a signal arrives: the first lets the scrapes in flight finish (exit code 0), a second ends the process at once. */
export async function serve(settings: Settings, warnings: readonly string[]): Promise<number> {
  const container = buildContainer(settings);
  const logger = container.get(SERVICES.logger);
  logNodeWarnings(logger);
  for (const warning of warnings) logger.warn(warning);
  const signalled = firstSignal(logger);
  let server: WebServer;
  try {
    server = container.get(SERVICES.webServer);
    const { address, port } = await server.listen(settings.httpListenAddress, settings.httpListenPort);
    logger.info('listening', startFields(settings, address, port));
  } catch (error) {
    // The web configuration, the address or the port can't be used.
    const problems = error instanceof WebConfigError ? error.mistakes : [(error as Error).message];
    for (const problem of problems) logger.error('can not start', { problem });
    return EXIT_FAILED;
  }
  // Logs what is wrong with Docker or a label at the start, when the operator looks at the log, not at the first scrape.
  const starting = new AbortController();
  const firstList = container
    .get(SERVICES.listTargets)
    .list(starting.signal)
    .catch(() => undefined);
  const signal = await signalled;
  logger.info('stopping: scrapes in flight finish first', { signal });
  await drain(server, logger);
  starting.abort();
  await firstList;
  await container.get(SERVICES.closing).disposeAsync();
  logger.info('stopped');
  return 0;
}

function startFields(settings: Settings, address: string, port: number): Record<string, string | number> {
  return {
    version: VERSION,
    node: process.version,
    address,
    port,
    discovery: settings.discovery,
    fetchMode: defaultFetchMode(settings),
    targetBodySizeLimit: formatByteSize(settings.targetBodySizeLimit),
    scrapeBodySizeLimit: formatByteSize(settings.scrapeBodySizeLimit),
  };
}

/** By default Node.js writes its warnings to stderr, between the lines of the log and in another format. */
function logNodeWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    const level = name === 'DeprecationWarning' ? 'debug' : 'warn';
    logger[level]('a warning of Node.js', { name, warning: message });
  });
}

const SIGNALS = { SIGTERM: 15, SIGINT: 2 } as const;

/** Resolves at the first signal; any further one ends the process. */
function firstSignal(logger: Logger): Promise<string> {
  return new Promise((resolve) => {
    let isStopping = false;
    for (const [signal, number] of Object.entries(SIGNALS)) {
      process.on(signal, () => {
        if (isStopping) {
          logger.warn('stopped at once by a second signal', { signal });
          process.exit(128 + number);
        }
        isStopping = true;
        resolve(signal);
      });
    }
  });
}
