import { ContainerFacts } from '../../../../../src/adapters/docker/exec/container-facts.ts';

const TEN_MINUTES_MS = 10 * 60_000;

class TestClock {
  ms = 0;
  nowMs(): number {
    return this.ms;
  }
  epochMs(): number {
    return this.ms;
  }
}

describe('ContainerFacts', () => {
  it('knows no client and allows a session until something else is found out', () => {
    const facts = new ContainerFacts(new TestClock());
    expect(facts.client('a')).toBeUndefined();
    expect(facts.canHoldSession('a')).toBe(true);
  });

  it('remembers each fact of each container for ten minutes of its own', () => {
    const clock = new TestClock();
    const facts = new ContainerFacts(clock);
    facts.rememberNoSession('a');
    clock.ms = 60_000;
    facts.rememberClient('a', 'busybox');
    expect(facts.client('b')).toBeUndefined();
    expect(facts.canHoldSession('b')).toBe(true);
    clock.ms = TEN_MINUTES_MS - 1;
    expect(facts.canHoldSession('a')).toBe(false);
    clock.ms = TEN_MINUTES_MS;
    expect(facts.canHoldSession('a')).toBe(true);
    expect(facts.client('a')).toBe('busybox');
    clock.ms = TEN_MINUTES_MS + 60_000;
    expect(facts.client('a')).toBeUndefined();
  });

  it('forgets the oldest of a thousand containers first', () => {
    const facts = new ContainerFacts(new TestClock());
    for (let i = 0; i <= 1000; i++) facts.rememberClient(`c${i}`, 'none');
    expect(facts.client('c0')).toBeUndefined();
    expect(facts.client('c1')).toBe('none');
    expect(facts.client('c1000')).toBe('none');
  });
});
