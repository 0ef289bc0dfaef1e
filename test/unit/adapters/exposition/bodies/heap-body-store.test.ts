import { HeapBodyStore } from '../../../../../src/adapters/exposition/bodies/heap-body-store.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

describe('HeapBodyStore', () => {
  it('puts chunks together', () => {
    const sink = new HeapBodyStore().open(100);
    for (const chunk of ['', 'one ', 'two ', 'three']) expect(sink.write(Buffer.from(chunk))).toBeUndefined();
    const body = sink.end();
    expect([text(body.bytes()), body.byteLength]).toEqual(['one two three', 13]);
  });

  it('has an empty body', () => {
    const body = new HeapBodyStore().open(100).end();
    expect([body.bytes().length, body.byteLength]).toEqual([0, 0]);
  });

  it('copies what is written', () => {
    const sink = new HeapBodyStore().open(100);
    const chunk = Buffer.from('abc');
    sink.write(chunk);
    chunk.fill(0);
    expect(text(sink.end().bytes())).toBe('abc');
  });

  it('takes memory once where the size is announced, and little more than that', () => {
    const sink = new HeapBodyStore().open(1_000_000);
    sink.expect(500_000);
    for (let i = 0; i < 500; i++) sink.write(Buffer.alloc(1000, 0x61));
    const { buffer, length } = sink.end().bytes();
    expect(length).toBe(500_000);
    expect(buffer.byteLength).toBeLessThan(1.25 * 500_100);
  });

  it('grows beyond the announced size, up to the limit', () => {
    const sink = new HeapBodyStore().open(50_000);
    sink.expect(10);
    expect(sink.write(Buffer.alloc(40_000, 0x62))).toBeUndefined();
    expect(sink.write(Buffer.alloc(10_000, 0x63))).toBeUndefined();
    expect(text(sink.end().bytes())).toBe('b'.repeat(40_000) + 'c'.repeat(10_000));
  });

  it.each([
    ['an announced size beyond the limit', (sink: ReturnType<HeapBodyStore['open']>) => sink.expect(11)],
    ['a chunk beyond the limit', (sink: ReturnType<HeapBodyStore['open']>) => sink.write(Buffer.alloc(11))],
    [
      'chunks that are beyond the limit together',
      (sink: ReturnType<HeapBodyStore['open']>) => sink.write(Buffer.alloc(6)) ?? sink.write(Buffer.alloc(5)),
    ],
  ])('refuses %s', (_, refused) => {
    expect(refused(new HeapBodyStore().open(10))).toBe('too_large');
  });

  it('takes exactly the limit', () => {
    const sink = new HeapBodyStore().open(10);
    expect(sink.expect(10) ?? sink.write(Buffer.alloc(10))).toBeUndefined();
  });

  it('gives the bytes up with the last holder', () => {
    const sink = new HeapBodyStore().open(10);
    sink.write(Buffer.from('x'));
    const body = sink.end();
    body.retain();
    body.release();
    expect(text(body.bytes())).toBe('x');
    body.release();
    expect(() => body.bytes()).toThrow('released');
    expect(() => body.release()).toThrow('released');
    expect(() => body.retain()).toThrow('released');
  });
});
