import { parse } from 'yaml';

/**
 * The values of a YAML document, as they are written: `1.10` stays `1.10`. Throws if it is invalid. To be loaded by import()
 * when it is needed, which is seldom: the package costs memory. It needs this module of our own around it, because in the
 * bundled program a CommonJS package has no named exports for import().
 */
export function parseYaml(text: string): unknown {
  return parse(text, { schema: 'failsafe' }) as unknown;
}
