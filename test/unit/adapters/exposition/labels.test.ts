import type { Label } from '../../../../src/domain/targets/label.ts';
import { expectSame, lines, named, sampleLines } from '../../../support/exposition/engine-and-reference.ts';
import { TEXT } from '../../../support/exposition/merging.ts';

describe('identity labels', () => {
  it.each<[story: string, labels: readonly Label[], body: string, expected: string]>([
    [
      'go first, in their order',
      named('x', { name: 'task_id', value: 't' }),
      'm{a="b"} 1',
      'm{container_name="x",task_id="t",a="b"} 1',
    ],
    ['are escaped', named('q"b\\l\n'), 'm 1', 'm{container_name="q\\"b\\\\l\\n"} 1'],
    ['may be UTF-8', named('größe ✓'), 'm{a="b"} 1', 'm{container_name="größe ✓",a="b"} 1'],
    ['are none without a value', [{ name: 'container_name', value: '' }], 'm 1', 'm 1'],
    ['may be none', [], 'm{a="b",} 1', 'm{a="b"} 1'],
    ['may be none, with empty braces', [], 'm{} 1', 'm 1'],
    [
      'meet a label of their name',
      named('x', { name: 'task_id', value: 't' }),
      'm{task_id="1",container_name="2"} 1',
      'm{container_name="x",task_id="t",exported_task_id="1",exported_container_name="2"} 1',
    ],
    [
      'meet an empty exported one',
      named('x'),
      'm{container_name="y",exported_container_name=""} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
    [
      'meet a quoted one',
      named('x'),
      '{"m","container_name"="y"} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
    [
      'meet an escaped one',
      named('x'),
      'm{"container.name"="y"} 1',
      'm{container_name="x",exported_container_name="y"} 1',
    ],
  ])('%s', (_, labels, body, expected) => {
    expect(sampleLines([{ body: `${body}\n`, labels }])).toEqual([expected]);
  });

  it.each<[story: string, body: string, expected: string]>([
    ['keeps the target’s own value', 'm{container_name="y",a="b"} 1', 'm{container_name="y",a="b"} 1'],
    ['keeps an empty one: the label is absent', 'm{container_name=""} 1', 'm{container_name=""} 1'],
    ['adds ours where there is none', 'm 1', 'm{container_name="a"} 1'],
  ])('with HONOR_LABELS: %s', (_, body, expected) => {
    expect(sampleLines([{ body }], TEXT, true)).toEqual([expected]);
  });
});

describe('labels that are compared with those of the line before', () => {
  it.each<[string, (i: number) => string]>([
    ['the first varies', (i) => `a{i="${i}",x="1",y="2"} 1`],
    ['the middle varies', (i) => `a{x="1",i="${i}",y="2"} 1`],
    ['the last varies', (i) => `a{x="1",y="2",i="${i}"} 1`],
    ['two vary', (i) => `a{i="${i % 7}",x="1",j="${i}",y="2"} 1`],
    ['one varies now and then', (i) => `a{i="${i}",x="${Math.floor(i / 5)}",y="2",z="3"} 1`],
    ['all are the same, and it is a duplicate', (i) => `a{x="1",y="${Math.floor(i / 3)}",z="3"} ${i}`],
    ['some lines have fewer', (i) => `a{x="1",i="${i}"${i % 3 === 0 ? '' : ',y="2"'}} 1`],
    ['some lines have others', (i) => `a{x="1",i="${i}",${i % 3 === 0 ? 'y' : 'z'}="2",w="3"} 1`],
    ['some values are empty', (i) => `a{x="${i % 2 === 0 ? '' : i}",i="${i}",y=""} 1`],
    ['some end in a comma', (i) => `a{x="1",i="${i}",y="2"${i % 4 === 0 ? ',' : ''}} 1`],
    ['some have escapes', (i) => `a{x="\\\\",i="${i}\\"${i % 3 === 0 ? '\\n' : ''}",y="}"} 1`],
    ['one is a part of another', (i) => `a{x="1",i="${'i'.repeat(i % 40)}${i}",y="2${'2'.repeat(i % 3)}"} 1`],
    [
      'buckets',
      (i) => `a_bucket{x="1",le="${i % 10 === 9 ? '+Inf' : i % 10}",i="${Math.floor(i / 10)}",y="2"} 1`,
    ],
    ['quantiles', (i) => `a{quantile="0.${i % 10}",i="${Math.floor(i / 10)}",y="2"} 1`],
    ['there is a blank behind commas', (i) => `a{x="1", i="${i}", y="2"} ${i}`],
    ['there is a blank behind some commas', (i) => `a{x="1", i="${i}",y="2"} ${i}`],
    ['there is a blank now and then', (i) => `a{x="1",${i % 3 === 0 ? ' ' : ''}i="${i}",y="2"} ${i}`],
    [
      'there are blanks, and a label is missing now and then',
      (i) => `a{x="1", i="${i}"${i % 3 === 0 ? '' : ', y="2"'}} 1`,
    ],
    ['there are blanks, and a comma at the end', (i) => `a{x="1", i="${i}",${i % 2 === 0 ? ' ' : ''}} 1`],
    [
      'there are several blanks, tabs, and blanks before the first',
      (i) => `a{${i % 2 === 0 ? ' ' : ''}x="1",${i % 3 === 0 ? '  ' : '\t'}i="${i}"} 1`,
    ],
    ['there is a blank before the first', (i) => `a{ x="1", i="${i}"} 1`],
    ['there are blanks, and one value is empty', (i) => `a{x="${i % 2 === 0 ? '' : i}", i="${i}", y=""} 1`],
    [
      'there are blanks, and one has the name of the identity',
      (i) => `a{x="1", i="${i}"${i % 5 === 0 ? ', container_name="x"' : ''}} 1`,
    ],
    [
      'there are blanks in buckets',
      (i) => `a_bucket{x="${Math.floor(i / 10)}", le="${i % 10 === 9 ? '+Inf' : i % 10}"} 1`,
    ],
    ['there are empty lines', (i) => `a{x="1",i="${i}"} ${i}\n${'\n'.repeat(i % 3)}`],
    ['the names alternate', (i) => `a_${i % 3}{x="1",i="${i}",y="2"} 1\nb 1.${i} ${i}`],
  ])('%s', (_, line) => expectSame([{ body: `# TYPE a histogram\n${lines(300, line)}` }]));
});
