import type { ListedEndpoint, TargetList } from '../../src/application/list-targets.ts';
import { failure, type Failure } from '../../src/domain/fetching/failure.ts';
import { DEFAULT_TARGET_OPTIONS, type FetchMode, type Target } from '../../src/domain/targets/target.ts';
import { identify, target } from './scrape-reports.ts';

export const SAMPLE_EPOCH_MS = Date.parse('2026-11-22T16:40:05.250Z');

interface Sample {
  readonly failure?: Failure;
  readonly mode?: FetchMode;
  readonly isNew?: boolean;
  readonly more?: Partial<Target> & { label?: string };
}

const ecs = (family: string, revision: string, task: string): Target['attributes'] => ({
  dockerName: `ecs-${family}-${revision}-app-d4b1f2a9c3e6d7b8a501`,
  image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/${family}:1.${revision}.0`,
  taskArn: `arn:aws:ecs:eu-west-1:123456789012:task/prod/${task}`,
  taskFamily: family,
  taskRevision: revision,
  cluster: 'prod',
});

const SAMPLES: Readonly<Record<string, Sample>> = {
  checkout: { more: { attributes: ecs('checkout', '42', '0f6d1c2b3a4958677685940312abcdef') } },
  'image-resizer': {
    failure: failure('no_client', 'neither curl nor wget is in the image'),
    more: { attributes: ecs('image-resizer', '7', '77aa1c2b3a4958677685940312abcdef') },
  },
  'orders-worker': {
    mode: 'auto',
    more: {
      label: '9100/metrics,9101/admin/metrics?collect[]=jobs',
      attributes: ecs('orders', '118', '11ee'),
    },
  },
  payments: {
    failure: failure(
      'malformed',
      'line 17: expected a value, found "NaN%" in payments_rate{currency="EUR"} NaN%',
    ),
    more: {
      attributes: ecs('payments', '9', '99ff'),
      options: {
        ...DEFAULT_TARGET_OPTIONS,
        warnings: ['container-exposes-metrics.timeout is "5": write a duration with a unit, for example 5s'],
      },
    },
  },
  'node-exporter': { mode: 'http', more: { label: '9100', createdSeconds: 1_763_000_000 } },
  'session-cache': { isNew: true },
  'legacy-api': { more: { label: '9100@metrics.internal/x,8080/metrics' } },
  '<img src=x onerror=alert(1)>': {
    failure: failure('connection_failed', 'connection refused by "><script>alert(1)</script>'),
    more: { label: "9100/it's&amp;" },
  },
};

/** A list with one of each: what the pages show to people. */
export function sampleTargets(): TargetList {
  const targets = Object.entries(SAMPLES).map(([name, { more }], i) => {
    const made = target(String(i), name, more);
    return { ...made, id: idOf(i), attributes: { ...made.attributes, containerId: idOf(i) } };
  });
  const endpoints = identify(targets).map((identified, i): ListedEndpoint => {
    const { failure: failed, mode = 'exec', isNew = false } = SAMPLES[identified.target.containerName] ?? {};
    const report = {
      identified,
      failure: failed,
      durationSeconds: failed === undefined ? 0.0231 * (i + 1) : 0.187,
      bodyBytes: failed === undefined ? 7919 * (i + 1) ** 3 : 0,
      samples: failed === undefined ? 83 * (i + 1) ** 3 : 0,
      via: failed === undefined ? (mode === 'exec' ? ('exec' as const) : ('http' as const)) : undefined,
    };
    return {
      identified,
      state: isNew ? 'unknown' : failed === undefined ? 'up' : 'down',
      mode,
      last: isNew ? undefined : { report, atEpochMs: SAMPLE_EPOCH_MS - 12_000 },
    };
  });
  return {
    endpoints: endpoints.toSorted((a, b) =>
      a.identified.target.containerName < b.identified.target.containerName ? -1 : 1,
    ),
    invalid: targets.flatMap((of) => of.invalidEndpoints.map((endpoint) => ({ target: of, endpoint }))),
    problem: undefined,
  };
}

function idOf(i: number): string {
  return (0x3f9c2a71d0n * 0x9e3779b97f4a7c15n * BigInt(i + 3)).toString(16).padStart(64, '4').slice(-64);
}
