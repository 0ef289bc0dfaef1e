import { spawnSync } from 'node:child_process';

/** One sample as python3-prometheus-client reads it; values are written as Go does. */
export interface PythonSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
  readonly hasExemplar: boolean;
}

const READER = `
import json, sys
from prometheus_client import parser as text
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.utils import floatToGoString
parser = openmetrics if sys.argv[1] == 'openmetrics' else text
exposition = sys.stdin.buffer.read().decode('utf-8')
samples = [sample for family in parser.text_string_to_metric_families(exposition) for sample in family.samples]
json.dump([
    {'name': s.name, 'labels': s.labels, 'value': floatToGoString(s.value), 'hasExemplar': s.exemplar is not None}
    for s in samples
], sys.stdout)
`;

/** Reads an exposition with python3-prometheus-client; throws with its complaint where it refuses it. */
export function readWithPython(
  exposition: string,
  syntax: 'text' | 'openmetrics',
  python = findPython(),
): readonly PythonSample[] {
  const { status, stdout, stderr } = spawnSync(python, ['-c', READER, syntax], {
    input: exposition,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`python3-prometheus-client refuses the exposition:\n${stderr}`);
  return JSON.parse(stdout) as readonly PythonSample[];
}

function findPython(): string {
  // The first may be another Python than Debian's, without Debian's modules.
  const python = ['python3', '/usr/bin/python3'].find(
    (program) => spawnSync(program, ['-c', 'import prometheus_client']).status === 0,
  );
  if (python === undefined) {
    throw new Error(
      'prometheus_client is missing: apt-get install --no-install-recommends python3-prometheus-client',
    );
  }
  return python;
}
