import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const PROJECT = join(import.meta.dirname, '../..');

/** Reads a file of the project by its path from the root. */
export function readDocument(path: string): string {
  return readFileSync(join(PROJECT, path), 'utf8');
}

/** The text without fenced code blocks. */
export function withoutCode(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '');
}

/** The fenced code blocks of a language. */
export function codeBlocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(/^```(\S*)\n([\s\S]*?)^```/gm)].flatMap(([, is, text = '']) =>
    is === language ? [text] : [],
  );
}

/** The anchors that GitHub makes of the headings. */
export function headingAnchors(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

/** The rows of all tables: their cells without the blanks around them. Escaped pipes are part of a cell. */
export function tableRows(markdown: string): string[][] {
  return withoutCode(markdown)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
    .filter((cells) => !cells.every((cell) => /^:?-+:?$/.test(cell)));
}
