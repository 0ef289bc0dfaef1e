import { execFileSync } from 'node:child_process';

import { shellText } from '../../../../../../src/adapters/docker/exec/clients/shell-functions.ts';

describe('shellText', () => {
  it.each([
    [['curl', '-q', '--max-time', '2'], 'curl -q --max-time 2'],
    [['*', '=http', 'a b', ''], "'*' '=http' 'a b' ''"],
    [['=$scheme', '$seconds'], '"=$scheme" "$seconds"'],
  ])('%j', (words, text) => {
    expect(shellText(words)).toBe(text);
  });

  it('is read by a shell as the words that it was made of', () => {
    const words = ['*', '~', '=x', '#', ';', '&', '(', '--a=b', '-', '$value'];
    const script = `value='a  b'; printf '%s\\n' ${shellText(words)}`;
    const lines = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
    expect(lines).toEqual([...words.slice(0, -1), 'a  b']);
  });
});
