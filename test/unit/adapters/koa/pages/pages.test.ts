import Koa from 'koa';
import { Router } from '@koa/router';
import { createApp } from '../../../../../src/adapters/koa/create-app.ts';
import { createRouter, type RouterParts } from '../../../../../src/adapters/koa/create-router.ts';
import { linkBase } from '../../../../../src/adapters/koa/pages/page-frame.ts';
import type { TargetList } from '../../../../../src/application/list-targets.ts';
import { failure, FAILURE_REASONS } from '../../../../../src/domain/fetching/failure.ts';
import { FAILURE_HINTS } from '../../../../../src/domain/fetching/failure-hints.ts';
import { sampleTargets } from '../../../../support/sample-targets.ts';
import { ask, listen, type WebAnswer } from '../../../../support/web-client.ts';
import { routerParts } from '../router-parts.ts';

const EMPTY: TargetList = { endpoints: [], invalid: [], problem: undefined };

async function page(path: string, list: TargetList, more: Partial<RouterParts> = {}): Promise<WebAnswer> {
  const parts = routerParts(more);
  const listTargets = { ...parts.listTargets, list: () => Promise.resolve(list) };
  const handle = createApp({ ...parts, listTargets }).callback();
  await using web = await listen((req, res) => void handle(req, res));
  return await ask(web.url + path);
}

/** The visible text: without tags, with single blanks. */
function readable(html: string): string {
  return html
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** The visible text of each endpoint's rows; hidden ones are marked. */
function rows(html: string): string[] {
  const table = /<table id="targets"[\s\S]*?<\/table>/.exec(html)?.[0] ?? '';
  return [...table.matchAll(/<tbody([^>]*)>([\s\S]*?)<\/tbody>/g)].map(
    ([, attributes = '', body = '']) => (attributes.includes('hidden') ? 'hidden:' : '') + readable(body),
  );
}

it.each([
  ['/', 'Home'],
  ['/targets', 'Targets'],
])('%s is marked as the current page', async (path, name) => {
  const { text } = await page(path, EMPTY);
  expect([...text.matchAll(/aria-current="page">(\w+)</g)].map(([, marked]) => marked)).toEqual([name]);
});

describe('/targets', () => {
  it('shows failing endpoints first, then those that were not scraped yet', async () => {
    const { text } = await page('/targets', sampleTargets());
    expect(rows(text).map((row) => /^ *(down|not scraped yet|up)/.exec(row)?.[1])).toEqual([
      ...(Array.from({ length: 3 }).fill('down') as string[]),
      'not scraped yet',
      ...(Array.from({ length: 5 }).fill('up') as string[]),
    ]);
  });

  it('shows for a failing endpoint what happened and what to do', async () => {
    const { text } = await page('/targets', sampleTargets());
    const row = rows(text).find((each) => each.includes('image-resizer'));
    expect(row).toContain('no_client : neither curl nor wget is in the image');
    expect(row).toContain(FAILURE_HINTS.no_client);
  });

  it.each(FAILURE_REASONS)('has something to do about %s', async (reason) => {
    const list = sampleTargets();
    const [first] = list.endpoints.filter(({ state }) => state === 'down');
    const report = { ...first!.last!.report, failure: failure(reason, 'it happened') };
    const endpoint = { ...first!, last: { ...first!.last!, report } };
    const { text } = await page('/targets', { ...list, endpoints: [endpoint] });
    expect(readable(text)).toContain(`${reason} : it happened ${FAILURE_HINTS[reason]}`);
  });

  it('shows the figures of the last scrape, labels, mode and facts', async () => {
    const { text } = await page('/targets', sampleTargets());
    const row = rows(text).find((each) => each.includes('collect[]=jobs'));
    expect(row).toContain('metrics_endpoint="9101/admin/metrics"');
    expect(row).toContain('auto, by http');
    expect(row).toContain('12 s ago 185 ms 42,496 3.9 MiB');
    expect(row).toContain('Task definition orders:118');
  });

  it('lists labels that are not understood, and ignored ones', async () => {
    const { text } = await page('/targets', sampleTargets());
    expect(readable(text)).toContain('9100@metrics.internal/x names a host after the port');
    expect(readable(text)).toContain('label ignored : container-exposes-metrics.timeout is "5"');
  });

  it('counts by state', async () => {
    const { text } = await page('/targets', sampleTargets());
    expect(readable(text)).toContain('5 up 3 down 1 not scraped yet 1 invalid');
  });

  it('escapes what labels say, also in attributes', async () => {
    const { text } = await page('/targets?q=%22%3E%3Cscript%3Ealert(2)%3C/script%3E', sampleTargets());
    expect(text).not.toMatch(/<img|<script>alert|onerror=alert\(1\)"/);
    expect(text).toContain('value="&quot;&gt;&lt;script&gt;alert(2)&lt;/script&gt;"');
    expect(text).toContain('9100/it&#39;s&amp;amp;');
  });

  it.each([
    ['resizer', ['image-resizer']],
    ['NO_CLIENT', ['image-resizer']],
    ['orders 9101', ['orders-worker']],
    ['cluster-that-is-not-there', []],
    ['scraped', ['session-cache']],
  ])('filters without a script: %p', async (words, expected) => {
    const { text } = await page(`/targets?q=${encodeURIComponent(words)}`, sampleTargets());
    const shown = rows(text).filter((row) => !row.startsWith('hidden:'));
    expect(rows(text)).toHaveLength(9);
    expect(shown.map((row) => expected.find((name) => row.includes(name)))).toEqual(expected);
  });

  it('runs under a policy that allows its own style and script alone', async () => {
    const { headers, text } = await page('/targets', sampleTargets());
    const policy = headers['content-security-policy'];
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; img-src data:;/,
    );
    expect(text).not.toMatch(/ style="| on[a-z]+="|(?:src|href)="(?:https?:)?\/\//);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('shows what to do if there are no targets', async () => {
    const read = readable((await page('/targets', EMPTY)).text);
    expect(read).toContain('No running container has the label container-exposes-metrics .');
    expect(read).toContain('docker run --label container-exposes-metrics=9100/metrics');
    const files = readable((await page('/targets', EMPTY, { markerLabel: undefined })).text);
    expect(files).toContain('Check the files that DISCOVERY_FILES names.');
  });

  it('says why the containers can not be listed, and does not claim that there are none', async () => {
    const problem = 'can not open /var/run/docker.sock: permission denied. Add --group-add 999';
    const read = readable((await page('/targets', { ...EMPTY, problem })).text);
    expect(read).toContain(`The running containers can not be listed. ${problem}`);
    expect(read).not.toMatch(/No running container|last known/);
    const known = readable((await page('/targets', { ...sampleTargets(), problem })).text);
    expect(known).toContain('Below is the list as it was last known.');
  });

  it('links to each container alone', async () => {
    const { text } = await page('/targets', sampleTargets());
    const ids = sampleTargets().endpoints.map(({ identified }) => identified.target.id.slice(0, 12));
    for (const id of ids) expect(text).toContain(`href="./targets/${id}/metrics"`);
  });
});

describe('/', () => {
  it('lists what is here, with the version', async () => {
    const { text } = await page('/', EMPTY);
    expect([...text.matchAll(/<dt>\s*<a href="([^"]*)"/g)].map((match) => match[1])).toEqual([
      './metrics',
      './targets',
      './api/v1/targets',
      './-/healthy',
      './-/ready',
    ]);
    expect(readable(text)).toContain('ECS Service Metrics Exporter 1.2.3');
  });
});

describe('links', () => {
  it.each([
    ['/', '/', './'],
    ['/?x=/y', '/', './'],
    ['/internal/', '/', './'],
    ['/internal', '/', './internal/'],
    ['/a/b%2Fc?q=1', '/', './b%2Fc/'],
    ['/targets', '/targets', './'],
    ['/targets?q=a/b/', '/targets', './'],
    ['/internal/targets', '/targets', './'],
    ['/internal/targets/', '/targets', '../'],
  ] as const)('of %p as %p begin with %p', (originalUrl, routePath, expected) => {
    expect(linkBase(originalUrl, routePath)).toBe(expected);
  });

  it.each(['/internal', '/internal/', '/internal/targets', '/internal/targets/'])(
    'of %s under a prefix all lead somewhere',
    async (path) => {
      const parts = routerParts();
      const list = (): Promise<TargetList> => Promise.resolve(sampleTargets());
      const outer = new Router({ prefix: '/internal' });
      outer.use(createRouter({ ...parts, listTargets: { ...parts.listTargets, list } }).routes());
      const handle = new Koa().use(outer.routes()).callback();
      await using web = await listen((req, res) => void handle(req, res));
      const { text } = await ask(web.url + path);
      const links = new Set([...text.matchAll(/<a href="([^"]*)"/g)].map((match) => match[1] ?? ''));
      expect(links.size).toBeGreaterThanOrEqual(4);
      for (const link of links) {
        const { status, text: answer } = await ask(new URL(link, web.url + path).href);
        // These parts know no target. Their own 404 has a line of text, Koa's has not.
        expect([link, status === 200 || answer.startsWith('no target')]).toEqual([link, true]);
      }
    },
  );
});
