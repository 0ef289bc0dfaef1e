import { CLIENT_NAMES, CLIENTS } from '../../../../../../src/adapters/docker/exec/clients/clients.ts';
import { DEFAULT_TARGET_OPTIONS, type TargetOptions } from '../../../../../../src/domain/targets/target.ts';
import { anExecRequest } from '../../../../../support/docker/exec-fetch-harness.ts';
import { aTarget } from '../../../../../support/targets.ts';

function requestWith(options: Partial<TargetOptions>): ReturnType<typeof anExecRequest> {
  return anExecRequest({ target: aTarget({ options: { ...DEFAULT_TARGET_OPTIONS, ...options } }) });
}

describe.each(CLIENT_NAMES)('client %s', (name) => {
  const client = CLIENTS[name];
  const commandFor = (options: Partial<TargetOptions>): readonly string[] =>
    client.command(requestWith(options), client.hosts[0]!, 2000);

  it('accepts any certificate where none is to be verified, and only there', () => {
    expect(commandFor({ scheme: 'https' })).toContain(client.insecureOption);
    expect(commandFor({ scheme: 'https', verifiesTls: true })).not.toContain(client.insecureOption);
    expect(commandFor({})).not.toContain(client.insecureOption);
    expect(client.loopCommand).toContain(`\${insecure:+${client.insecureOption}}`);
  });

  it('fetches over http and, unverified, over https', () => {
    expect(client.refusal(requestWith({}))).toBeUndefined();
    expect(client.refusal(requestWith({ verifiesTls: true }))).toBeUndefined();
    expect(client.refusal(requestWith({ scheme: 'https' }))).toBeUndefined();
  });

  it('ends with the URL, and has its time limit in the vector', () => {
    expect(commandFor({}).at(-1)).toBe(`http://${client.hosts[0]!}:9100/metrics`);
    expect(commandFor({})).toContain(client.seconds(2000));
  });

  it('is given its time limit, the headers and the place by the loop, and no stdin of ours', () => {
    for (const word of ['"$seconds"', '"$1"', '"$2"', '"$scheme://$place"']) {
      expect(client.loopCommand).toContain(word);
    }
    expect(client.loopCommand).toMatch(/^limited |<\/dev\/null$/);
  });
});
