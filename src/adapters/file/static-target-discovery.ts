import type { TargetDiscovery } from '../../domain/targets/target-discovery.ts';
import type { Target } from '../../domain/targets/target.ts';
import type { TargetGroup } from './target-group.ts';
import { firstOfEachId, targetsOf } from './targets-of.ts';

/** Targets that are known from the start, as in Prometheus' static_configs; of those with the same id the first one. */
export class StaticTargetDiscovery implements TargetDiscovery {
  readonly #targets: readonly Target[];

  constructor(groups: readonly TargetGroup[]) {
    this.#targets = firstOfEachId(targetsOf(groups));
  }

  /** Resolves with the same list each time. */
  discover(): Promise<readonly Target[]> {
    return Promise.resolve(this.#targets);
  }
}
