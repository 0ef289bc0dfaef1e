import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { createApp } from '../../src/adapters/koa/create-app.ts';
import type { TargetList } from '../../src/application/list-targets.ts';
import { RecordingLogger } from '../support/fakes.ts';
import { SAMPLE_EPOCH_MS, sampleTargets } from '../support/sample-targets.ts';
import { listen, type WebServer } from '../support/web-client.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// A page takes a second on an idle machine, and a browser on a busy one many.

let browser: Browser;
let web: WebServer;
let list: TargetList;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_FLAGS });
  const handle = createApp({
    collectMetrics: {
      collect: () => Promise.reject(new Error('not asked for by these tests')),
      collectTarget: () => Promise.resolve({ kind: 'unknown' }),
    },
    listTargets: { list: () => Promise.resolve(list), findId: () => Promise.resolve(undefined) },
    readiness: () => Promise.resolve(undefined),
    logger: new RecordingLogger(),
    clock: { nowMs: () => 0, epochMs: () => SAMPLE_EPOCH_MS },
    version: '1.2.3',
    markerLabel: 'container-exposes-metrics',
  }).callback();
  web = await listen((req, res) => void handle(req, res));
});

afterAll(async () => {
  await browser.close();
  await web[Symbol.asyncDispose]();
});

beforeEach(() => {
  list = sampleTargets();
});

interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained of, and dialogs that a script opened. */
  readonly complaints: readonly string[];
}

async function open(path: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(web.url) && !request.url().startsWith('data:'))
      complaints.push(request.url());
  });
  await page.goto(web.url + path);
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

interface AxeResults {
  readonly violations: readonly { id: string; impact: string; nodes: readonly { html: string }[] }[];
}

async function axeViolations(page: Page): Promise<string[]> {
  // Playwright evaluates it outside of the page's policy.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html ?? ''}`);
}

/** The names in the order in which they are shown. */
function names(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('#targets tbody:not([hidden]) tr:first-child th')].map((th) => th.dataset.key)`,
  );
}

const NARROW = { viewport: { width: 400, height: 800 } };
const everything = (): TargetList => ({
  ...sampleTargets(),
  problem: 'can not open the socket: permission denied',
});
const nothing = (): TargetList => ({ endpoints: [], invalid: [], problem: undefined });

it.each<[string, string, () => TargetList, BrowserContextOptions]>([
  ['all kinds of targets, light', '/targets', everything, { colorScheme: 'light' }],
  ['all kinds of targets, dark', '/targets', everything, { colorScheme: 'dark' }],
  ['all kinds of targets, light at 400 px', '/targets', everything, { colorScheme: 'light', ...NARROW }],
  ['no targets, light', '/targets', nothing, { colorScheme: 'light' }],
  ['no targets, dark at 400 px', '/targets', nothing, { colorScheme: 'dark', ...NARROW }],
  ['the landing page, dark', '/', nothing, { colorScheme: 'dark' }],
  ['the landing page, light at 400 px', '/', nothing, { colorScheme: 'light', ...NARROW }],
])(
  '%s: accessible, nothing sticks out, the browser complains of nothing',
  async (_name, path, make, options) => {
    list = make();
    await using opened = await open(path, options);
    const { page, complaints } = opened;
    expect(await axeViolations(page)).toEqual([]);
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(overflow).toBe(0);
    expect(complaints).toEqual([]);
  },
);

it('follows the colour scheme', async () => {
  const background = async (colorScheme: 'light' | 'dark'): Promise<string> => {
    await using opened = await open('/targets', { colorScheme });
    return await opened.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  };
  expect(await background('light')).toBe('rgb(246, 247, 249)');
  expect(await background('dark')).toBe('rgb(18, 22, 29)');
});

it('filters while one types, and says how many are shown', async () => {
  await using opened = await open('/targets');
  const { page } = opened;
  await page.getByLabel('Filter').fill('ORDERS 9101');
  expect(await names(page)).toEqual(['orders-worker']);
  expect(await page.getByRole('status').textContent()).toBe('1 of 9 shown');
  await page.getByLabel('Filter').fill('');
  expect(await page.getByRole('status').textContent()).toBe('9 of 9 shown');
});

it('sorts by a column, down and up again, by keyboard alone', async () => {
  await using opened = await open('/targets');
  const { page } = opened;
  await page.getByRole('button', { name: 'Samples' }).focus();
  await page.keyboard.press('Enter');
  const header = page.getByRole('columnheader', { name: 'Samples' });
  expect(await header.getAttribute('aria-sort')).toBe('ascending');
  expect((await names(page)).slice(-3)).toEqual(['checkout', 'orders-worker', 'orders-worker']);
  await page.keyboard.press('Enter');
  expect(await header.getAttribute('aria-sort')).toBe('descending');
  expect((await names(page))[0]).toBe('orders-worker');
  await page.getByRole('button', { name: 'Container' }).click();
  expect(await names(page)).toEqual((await names(page)).toSorted((a, b) => a.localeCompare(b)));
  expect(await header.getAttribute('aria-sort')).toBeNull();
});

it('reaches every control by Tab, in the order of reading', async () => {
  await using opened = await open('/targets');
  const { page } = opened;
  const reached: string[] = [];
  for (let i = 0; i < 13; i++) {
    await page.keyboard.press('Tab');
    reached.push(
      await page.evaluate<string>('(document.activeElement.textContent || document.activeElement.id).trim()'),
    );
  }
  expect(reached).toEqual([
    ...['Home', 'Targets', 'Metrics', 'filter'],
    ...['State', 'Container', 'Endpoint', 'Last scrape', 'Duration', 'Samples', 'Size'],
    ...['Details', "9100/it's&amp;"],
  ]);
});

it('opens the details of a container', async () => {
  await using opened = await open('/targets');
  const { page } = opened;
  const row = page.locator('#targets tbody', { hasText: 'image-resizer' }).first();
  const image = row.getByText('dkr.ecr.eu-west-1.amazonaws.com/image-resizer:1.7.0');
  expect(await image.isVisible()).toBe(false);
  await row.getByText('Details').click();
  expect(await image.isVisible()).toBe(true);
});

it('works without scripts: the filter is a form, and no control is dead', async () => {
  await using opened = await open('/targets', { javaScriptEnabled: false });
  const { page } = opened;
  expect(await page.getByRole('button').allTextContents()).toEqual(['Apply']);
  await page.getByLabel('Filter').fill('payments');
  await page.getByRole('button', { name: 'Apply' }).click();
  expect(new URL(page.url()).search).toBe('?q=payments');
  expect(await page.locator('#targets tbody:visible').count()).toBe(1);
  expect(await page.getByLabel('Filter').inputValue()).toBe('payments');
});

it('runs nothing that a label or a target says', async () => {
  await using opened = await open(`/targets?q=${encodeURIComponent('"><script>alert(3)</script>')}`);
  const { page, complaints } = opened;
  await page.getByLabel('Filter').fill('');
  expect(await page.locator('th', { hasText: '<img src=x onerror=alert(1)>' }).count()).toBeGreaterThan(0);
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(complaints).toEqual([]);
});

it('leads from a row to the metrics of that container alone', async () => {
  await using opened = await open('/targets');
  const { page } = opened;
  const link = page.locator('#targets tbody', { hasText: 'checkout' }).getByRole('link');
  const id = sampleTargets().endpoints.find(
    ({ identified }) => identified.target.containerName === 'checkout',
  )!.identified.target.id;
  expect(await link.getAttribute('href')).toBe(`./targets/${id.slice(0, 12)}/metrics`);
});
