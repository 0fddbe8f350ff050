import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Duration } from '../src/duration.ts';
import { checkYaml, formatProblems, readYaml } from '../src/yaml-file.ts';

const Crew = z.strictObject({
  name: z.string(),
  size: z.int().min(1),
  timeout: Duration.optional(),
  ships: z.array(z.strictObject({ id: z.string(), kind: z.enum(['sail', 'steam']) })).default([]),
  rest: z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]).optional(),
});

function told(text: string, schema: z.ZodType = Crew): string {
  const yaml = readYaml('crew.yaml', text);
  if ('problems' in yaml) return formatProblems(yaml.problems);
  const checked = checkYaml(yaml.read, schema);
  return 'problems' in checked ? formatProblems(checked.problems) : '';
}

describe('a YAML file', () => {
  test('gives its parsed value when nothing is wrong', () => {
    const yaml = readYaml('crew.yaml', 'name: Ada\nsize: 3\ntimeout: 2m\n');

    const checked = 'read' in yaml ? checkYaml(yaml.read, Crew) : yaml;

    expect(checked).toEqual({ value: { name: 'Ada', size: 3, timeout: 120_000, ships: [] } });
  });

  test('tells every fault with its line, not only the first', () => {
    const text =
      'name: 7\nsiez: 3\ntimeout: 10 minutes\nships:\n  - id: a\n    kind: stream\n  - kind: sail\n';

    const lines = told(text);

    expect(lines.trimEnd().split('\n')).toEqual([
      'crew.yaml:1:1  size: is missing; expected a number',
      'crew.yaml:1:7  name: found 7, expected text',
      'crew.yaml:2:1  siez: unknown key "siez"; did you mean "size"?',
      'crew.yaml:3:10  timeout: found "10 minutes", expected a duration such as 30s, 10m, 2h or 7d',
      'crew.yaml:6:11  ships[0].kind: found "stream", expected one of sail, steam; did you mean "steam"?',
      'crew.yaml:7:5  ships[1].id: is missing; expected text',
    ]);
  });

  test.each([
    ['name: Ada\nname: Bob\nsize: 1\n', 'crew.yaml:2:1  the same key stands here twice; keep one'],
    ['name: Ada\nships:\n\t- id: a\n', 'crew.yaml:3:1  a tab stands in the indentation'],
    ['name: "Ada\nsize: 1\n', 'is not valid YAML: Missing closing "quote'],
    ['name: *nobody\n', 'crew.yaml:1:7  the alias *nobody has no anchor before it'],
    ['name: Ada\n---\nname: Bob\n', 'a second document begins here'],
    ['', 'crew.yaml:1:1  found nothing, expected a mapping'],
    [`a: "${'x'.repeat(1_048_577)}"`, 'is larger than 1 MiB'],
  ])('refuses %j', (text, message) => {
    const lines = told(text);

    expect(lines).toContain(message);
  });

  test('stops at aliases that would grow without bound', () => {
    const levels = Array.from({ length: 12 }, (_, n) =>
      n === 0
        ? 'a0: &a0 [x, x]'
        : `a${n}: &a${n} [${Array(9)
            .fill(`*a${n - 1}`)
            .join(', ')}]`,
    );

    const lines = told(levels.join('\n'));

    expect(lines).toContain('its aliases cannot be followed');
  });

  test('follows an ordinary alias', () => {
    const lines = told('name: &n Ada\nsize: 1\nships: [{ id: *n, kind: sail }]\n');

    expect(lines).toBe('');
  });

  test('tells the fault inside the form that was meant when there are several forms', () => {
    const lines = told('name: Ada\nsize: 1\nrest: { env: 5 }\n');

    expect(lines).toBe('crew.yaml:3:14  rest.env: found 5, expected text\n');
  });

  test('names all forms when none was meant', () => {
    const lines = told('value: 5\n', z.strictObject({ value: z.union([z.string(), z.boolean()]) }));

    expect(lines).toBe('crew.yaml:1:8  value: found 5, expected text or true or false\n');
  });

  test('does not quote what must stay hidden', () => {
    const yaml = readYaml('crew.yaml', 'name: [hunter2]\nsize: hunter2\n');

    const checked = 'read' in yaml ? checkYaml(yaml.read, Crew, () => true) : yaml;

    expect(JSON.stringify(checked)).toContain('a value that is not shown');
    expect(JSON.stringify(checked)).not.toContain('hunter2');
  });
});
