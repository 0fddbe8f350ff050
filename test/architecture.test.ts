import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One import of a file in src: of another file in the tree, or of a package. */
interface Import {
  readonly from: string;
  readonly to: string;
  readonly isLocal: boolean;
  /** Types are gone when the program runs. */
  readonly isType: boolean;
}

const statement = /^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(statement)].map(([, type, name, bare]): Import => {
    const to = name ?? bare ?? '';
    const isLocal = to.startsWith('.');
    const path = relative(root, resolve(root, dirname(file), to));
    return { from: file, to: isLocal ? path : to, isLocal, isType: type !== undefined };
  });
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));

const imports = files.flatMap(importsOf);

/** The part that a file belongs to: its first folder in src, or the file itself where it stands beside the folders. */
function partOf(file: string): string {
  const [, first = '', second] = file.split('/');
  if (second !== undefined) return first;
  return first.replace('.ts', '');
}

/** What needs nothing of Slipway but each other, downwards. */
const basics = [
  'again',
  'canonical',
  'duration',
  'errors',
  'nearest',
  'secret',
  'text',
  'reason-of',
  'phase-circles',
  'plan-files',
  'checklist',
];

/** What reads and checks configuration and plans. */
const reading = [
  'alerts-file',
  'alerts-references',
  'alerts-values',
  'config',
  'config-file',
  'config-terms',
  'config-values',
  'gate-check',
  'incidents-file',
  'incidents-values',
  'issue-sentences',
  'json-schemas',
  'plan-check',
  'plan-parameters',
  'plans',
  'process-environment',
  'step-parameters',
  'step-reference',
  'yaml-file',
];

/** For each part everything that it may import, apart from itself and the basics. */
const inward: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(basics.map((part) => [part, []])),
  ...Object.fromEntries(
    reading.map((part) => [part, ['deploy', 'alerts', 'incidents', 'steps', ...reading]]),
  ),
  deploy: [],
  alerts: ['deploy'],
  runbooks: ['alerts', 'issue-sentences', 'yaml-file'],
  walkthroughs: ['deploy', 'alerts', 'runbooks'],
  incidents: ['deploy', 'alerts'],
  steps: ['deploy'],
  source: [],
  store: ['deploy', 'alerts'],
  queue: ['store'],
  metrics: ['queue'],
  alerting: ['deploy', 'alerts', 'store', 'queue', 'metrics', ...reading],
  engine: ['deploy', 'alerts', 'steps', 'store', 'queue', ...reading],
  response: [
    'deploy',
    'alerts',
    'alerting',
    'runbooks',
    'walkthroughs',
    'incidents',
    'steps',
    'engine',
    'store',
    'queue',
    'metrics',
    ...reading,
  ],
  bot: [
    'deploy',
    'steps',
    'store',
    'engine',
    'alerts',
    'alerting',
    'runbooks',
    'walkthroughs',
    'incidents',
    'response',
    'metrics',
    ...reading,
  ],
  cli: [
    'deploy',
    'steps',
    'store',
    'engine',
    'alerts',
    'alerting',
    'runbooks',
    'incidents',
    'response',
    ...reading,
  ],
  'app-alerting': ['bot', 'engine', 'alerts', 'alerting', 'queue', 'store'],
  'app-response': [
    'bot',
    'engine',
    'alerts',
    'alerting',
    'runbooks',
    'walkthroughs',
    'incidents',
    'response',
    'steps',
    'queue',
    'store',
    ...reading,
  ],
  app: [
    'app-alerting',
    'app-response',
    'bot',
    'engine',
    'alerts',
    'alerting',
    'response',
    'runbooks',
    'metrics',
    'queue',
    'source',
    'steps',
    'store',
    ...reading,
  ],
  main: ['app', 'cli', 'source', 'steps', 'store', ...reading],
};

const shown = ({ from, to }: Import): string => `${from} → ${to}`;

describe('the parts of the program', () => {
  test('import inward only', () => {
    const outward = imports
      .filter(({ isLocal }) => isLocal)
      .filter(({ from, to }) => {
        const [own, other] = [partOf(from), partOf(to)];
        return own !== other && !basics.includes(other) && !(inward[own] ?? []).includes(other);
      });

    expect(outward.map(shown)).toEqual([]);
  });

  test('are all known here', () => {
    expect([...new Set(files.map(partOf))].filter((part) => inward[part] === undefined)).toEqual([]);
  });

  test('import nothing from outside src', () => {
    const outside = imports.filter(({ isLocal, to }) => isLocal && !to.startsWith('src/'));

    expect(outside.map(shown)).toEqual([]);
  });

  test('have no circle of files that need each other to load', () => {
    expect(
      circlesIn(
        files,
        imports.filter(({ isLocal, isType }) => isLocal && !isType),
      ),
    ).toEqual([]);
  });
});

describe('the rules of a deployment', () => {
  test('know no server, queue, file or clock', () => {
    const known = ['zod', 'node:crypto'];
    const strange = imports.filter(
      ({ from, to, isLocal }) => partOf(from) === 'deploy' && !isLocal && !known.includes(to),
    );

    expect(strange.map(shown)).toEqual([]);
    const impure = files.filter(
      (file) =>
        partOf(file) === 'deploy' && /Date\.now|new Date\(\)|Math\.random|process\./.test(textOf(file)),
    );
    expect(impure).toEqual([]);
  });
});

describe('the blocks of messages', () => {
  test('are built from states alone', () => {
    const allowed = /^src\/(bot\/blocks|deploy|alerts|runbooks|walkthroughs|incidents|[a-z-]+\.ts)/;
    const strange = imports.filter(
      ({ from, to, isLocal, isType }) =>
        from.startsWith('src/bot/blocks/') &&
        !isType &&
        (isLocal ? !allowed.test(to) : !to.startsWith('@slack/types')),
    );

    expect(strange.map(shown).filter((line) => !/ (zod|markdown-it)$/.test(line))).toEqual([]);
  });
});

describe('the engine', () => {
  test('knows what a step is, and no step', () => {
    const strange = imports.filter(
      ({ from, to }) =>
        partOf(from) === 'engine' && to.startsWith('src/steps/') && to !== 'src/steps/step.ts',
    );

    expect(strange.map(shown)).toEqual([]);
  });
});

test('only the outermost files look at the process', () => {
  const outermost = ['src/main.ts', 'src/app.ts'];
  const looking = files.filter((file) => !outermost.includes(file) && /process\.env\b/.test(textOf(file)));

  expect(looking).toEqual([]);
});

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Every circle that is found when walking along the imports, as `a → b → a`. */
function circlesIn(all: readonly string[], links: readonly Import[]): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const { from, to } of links) if (from === file) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of all) walk(file, []);
  return circles;
}
