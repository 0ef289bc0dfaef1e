import { findEngine } from '../../../../script/lib/find-engine.ts';

const DEFAULT = 'unix:///var/run/docker.sock';

function onlyAnswers(...hosts: string[]) {
  return (host: string) =>
    hosts.includes(host) ? Promise.resolve() : Promise.reject(new Error('connect ECONNREFUSED'));
}

describe('findEngine', () => {
  it('takes DOCKER_HOST', async () => {
    const answer = await findEngine('tcp://127.0.0.1:1', onlyAnswers('tcp://127.0.0.1:1', DEFAULT));
    expect(answer).toEqual({ kind: 'found', host: 'tcp://127.0.0.1:1' });
  });

  it.each([undefined, '', 'tcp://127.0.0.1:1'])(
    'takes the default socket where DOCKER_HOST is %p',
    async (host) => {
      expect(await findEngine(host, onlyAnswers(DEFAULT))).toEqual({ kind: 'found', host: DEFAULT });
    },
  );

  it('tells what it tried where none answers', async () => {
    expect(await findEngine('tcp://127.0.0.1:1', onlyAnswers())).toEqual({
      kind: 'none',
      tried: ['tcp://127.0.0.1:1: connect ECONNREFUSED', `${DEFAULT}: connect ECONNREFUSED`],
    });
  });
});
