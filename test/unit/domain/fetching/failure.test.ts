import { failure } from '../../../../src/domain/fetching/failure.ts';

describe('failure', () => {
  it('keeps its detail to one printable line', () => {
    expect(failure('malformed', 'line 1\r\nline\u001b[31m 2\u009b0m\u0000').detail).toBe(
      'line 1 line [31m 2 0m',
    );
  });

  it('keeps its detail short, whatever a target sent', () => {
    expect(failure('http_status', 'x'.repeat(100_000)).detail).toHaveLength(300);
  });
});
