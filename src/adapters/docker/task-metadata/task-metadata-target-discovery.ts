import type { Clock } from '../../../domain/clock.ts';
import type { TargetDiscovery } from '../../../domain/targets/target-discovery.ts';
import type { Target } from '../../../domain/targets/target.ts';
import type { ExecStarter } from '../exec/run/exec-starter.ts';
import { askTaskService, type TaskService } from './ask-task-service.ts';

/** How far asking for one container's service has come. */
interface Lookup {
  readonly firstSeenMs: number;
  service: TaskService | 'asking';
  attempts: number;
  askedMs: number;
}

const LOOKUP_MS = 5000;
// Part of the time that discovery may take, which is a quarter of the scrape's budget.
const WAIT_MS = 250;
const MAX_ATTEMPTS = 3;
const RETRY_MS = 60_000;
const HELD_BACK_MS = 20_000;

/**
 * Adds to each target the name of its ECS service, which Docker doesn't know: the task metadata endpoint is asked from inside
 * the container, once per container. A list waits for that for a quarter of a second at most.
 */
export class TaskMetadataTargetDiscovery implements TargetDiscovery, Disposable {
  readonly #inner: TargetDiscovery;
  readonly #starter: ExecStarter;
  readonly #clock: Clock;
  readonly #isIdentity: boolean;
  readonly #disposed = new AbortController();
  #lookups = new Map<string, Lookup>();

  /**
   * `isIdentity`: `service` is an identity label, which is fixed when a container is first seen. A new target is then held
   * back until it has been asked, for 20 seconds at most, instead of being without the label for as long as it lives.
   */
  constructor(inner: TargetDiscovery, starter: ExecStarter, clock: Clock, isIdentity: boolean) {
    this.#inner = inner;
    this.#starter = starter;
    this.#clock = clock;
    this.#isIdentity = isIdentity;
  }

  async discover(signal: AbortSignal): Promise<readonly Target[]> {
    const targets = await this.#inner.discover(signal);
    this.#lookups = new Map(targets.map(({ id }) => [id, this.#lookups.get(id) ?? this.#newLookup()]));
    const asking = targets.flatMap(({ attributes, id }) => {
      const lookup = this.#lookups.get(id);
      if (attributes.containerId === undefined || lookup === undefined || !this.#isDue(lookup)) return [];
      return [this.#ask(attributes.containerId, lookup)];
    });
    if (asking.length > 0) await this.#waitFor(asking, signal);
    return targets.filter((target) => !this.#isHeldBack(target)).map((target) => this.#withService(target));
  }

  /** Gives up the lookups under way. */
  [Symbol.dispose](): void {
    this.#disposed.abort();
  }

  #newLookup(): Lookup {
    return { firstSeenMs: this.#clock.nowMs(), service: 'later', attempts: 0, askedMs: -Infinity };
  }

  #isDue({ service, attempts, askedMs }: Lookup): boolean {
    if (service === 'queued') return true;
    return service === 'later' && attempts < MAX_ATTEMPTS && this.#clock.nowMs() - askedMs >= RETRY_MS;
  }

  async #ask(containerId: string, lookup: Lookup): Promise<void> {
    lookup.service = 'asking';
    lookup.attempts++;
    lookup.askedMs = this.#clock.nowMs();
    const signal = AbortSignal.any([this.#disposed.signal, AbortSignal.timeout(LOOKUP_MS)]);
    try {
      lookup.service = await askTaskService(this.#starter, containerId, signal);
    } catch {
      lookup.service = 'later';
    }
    if (lookup.service === 'queued') lookup.attempts--;
  }

  async #waitFor(asking: readonly Promise<void>[], signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const leave = (): void => resolve(undefined);
    const timer = setTimeout(leave, WAIT_MS);
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([promise, Promise.all(asking)]);
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
  }

  #isHeldBack({ id }: Target): boolean {
    const lookup = this.#lookups.get(id);
    if (!this.#isIdentity || lookup === undefined || lookup.attempts > 1) return false;
    if (lookup.service !== 'asking' && lookup.service !== 'queued') return false;
    return this.#clock.nowMs() - lookup.firstSeenMs < HELD_BACK_MS;
  }

  #withService(target: Target): Target {
    const service = this.#lookups.get(target.id)?.service;
    return typeof service === 'object'
      ? { ...target, attributes: { ...target.attributes, service: service.name } }
      : target;
  }
}
