import { parse } from 'yaml';

/**
 * The values of a YAML document, as they are written: `1.10` stays `1.10`. Throws where it is none. Few need it, so it is to
 * be loaded by import(): the package takes memory that an idle exporter is better without. That takes a module of our own
 * around it: in the bundled program, a package in CommonJS has no named exports for import().
 */
export function parseYaml(text: string): unknown {
  return parse(text, { schema: 'failsafe' }) as unknown;
}
