import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { FAILURE_REASONS } from '../../../src/domain/fetching/failure.ts';
import {
  codeBlocks,
  headingAnchors,
  PROJECT,
  readDocument,
  tableRows,
  withoutCode,
} from '../../support/markdown.ts';
import { promtool } from '../../support/promtool.ts';

const DOCUMENTS = execFileSync('git', ['ls-files', '*.md'], { cwd: PROJECT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(PROJECT, path)));

/** Links to other files and to headings, with the anchors that they name. */
function relativeLinks(path: string): { readonly to: string; readonly anchor: string | undefined }[] {
  return [...withoutCode(readDocument(path)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor] = link.split('#');
      return { to: file === '' ? path : normalize(join(dirname(path), file)), anchor };
    });
}

describe.each(DOCUMENTS)('%s', (path) => {
  it('has links that lead somewhere', () => {
    const broken = relativeLinks(path).filter(
      ({ to, anchor }) =>
        !existsSync(join(PROJECT, to)) ||
        (anchor !== undefined && !headingAnchors(readDocument(to)).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });

  it('has JSON that parses', () => {
    for (const text of codeBlocks(readDocument(path), 'json'))
      expect(() => JSON.parse(text) as unknown).not.toThrow();
  });
});

describe('scrape configurations in documents', () => {
  const snippets = DOCUMENTS.flatMap((path) =>
    codeBlocks(readDocument(path), 'yaml')
      .filter((text) => text.includes('scrape_configs:'))
      .map((text) => [path, text] as const),
  );

  it.each(snippets)('%s has one that promtool takes', (_path, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'snippet-'));
    try {
      writeFileSync(join(folder, 'prometheus.yml'), text);
      for (const [, file = ''] of text.matchAll(/_file: ([\w.-]+)/g)) writeFileSync(join(folder, file), '');
      promtool(['check', 'config', join(folder, 'prometheus.yml')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('docs/troubleshooting.md', () => {
  it('has a heading for each reason, in the order of the code, and no other', () => {
    const [, byReason = ''] = readDocument('docs/troubleshooting.md').split('\n## By reason\n');
    expect(headingAnchors(byReason)).toEqual([...FAILURE_REASONS]);
  });
});

describe('docs/README.md', () => {
  it('leads to every page', () => {
    const pages = readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => /^[^/]+\.md$|^adr\/.*\.md$/.test(path) && path !== 'README.md',
    );
    const linked = new Set(relativeLinks('docs/README.md').map(({ to }) => to.replace(/^docs\//, '')));
    expect(pages.filter((path) => !linked.has(path))).toEqual([]);
  });
});

describe.each(['docs/architecture.md', 'docs/merge.md', 'CONTRIBUTING.md'])('%s', (document) => {
  it('names files that exist', () => {
    const files = execFileSync('git', ['ls-files'], { cwd: PROJECT, encoding: 'utf8' }).split('\n');
    const named = [...withoutCode(readDocument(document)).matchAll(/`([\w./-]+)`/g)]
      .map(([, name = '']) => name)
      .filter((name) => /^(?:src|test|docs)\/|\.(?:ts|mjs)$/.test(name));
    const missing = named.filter(
      (name) => !existsSync(join(PROJECT, name)) && !files.some((file) => file.endsWith(`/${name}`)),
    );
    expect(missing).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const text = readDocument('docs/architecture.md');

  it('has every room', () => {
    const assembly = 'adapters/exposition/engine/assembly';
    const folders = new Set(
      sources.filter((file) => !file.startsWith(assembly)).map((file) => dirname(file)),
    );
    folders.delete('.');
    let layer = '';
    const rooms = tableRows(text).flatMap(([cell = '']) => {
      const head = /^room in `src\/(.*)`$/.exec(cell)?.[1];
      const room = /^`(.*)`$/.exec(cell)?.[1];
      if (room === undefined) layer = head ?? '';
      return room === undefined || layer === '' ? [] : [join(layer, room)];
    });
    expect(rooms.sort()).toEqual([...folders].sort());
  });

  it('names classes and ports that exist', () => {
    const names = text.match(
      /\b[A-Z][a-z]+(?:[A-Z][a-z]+)*(?:Fetcher|Discovery|Relabeler|Metrics|Targets|Store|Board|Registry|Server)\b/g,
    );
    const source = sources.map((file) => readFileSync(join(PROJECT, 'src', file), 'utf8')).join('\n');
    const unknown = [...new Set(names)].filter(
      (name) => !new RegExp(`export (?:class|interface) ${name}\\b`).test(source),
    );
    expect(unknown).toEqual([]);
  });

  it('has every fetcher in its stack', () => {
    const fetchers = sources.flatMap((file) => /([^/]+)-metrics-fetcher\.ts$/.exec(file)?.[1] ?? []);
    const [, stack = ''] = text.split('## The stack around a fetch');
    const missing = fetchers
      .map((name) => `${name.replace(/(?:^|-)(.)/g, (_dash, c: string) => c.toUpperCase())}MetricsFetcher`)
      .filter((name) => !stack.includes(name));
    expect(missing).toEqual([]);
  });
});
