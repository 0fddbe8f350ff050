import { describe, expect, test } from 'vitest';
import type { AlertGroup, Silence } from '../../../../src/alerts/group.ts';
import { groupMessage } from '../../../../src/bot/blocks/alerts/group-message.ts';
import type { GroupView } from '../../../../src/bot/blocks/alerts/group-view.ts';
import { textOf, valuesOf } from '../text-of.ts';
import { episode, groupOf, minute, opened, viewOf } from './sample-group.ts';

const ann = { via: 'pagerduty', id: 'PANN', name: 'Ann Lee' } as const;
const bob = { via: 'slack', id: 'UBOB' } as const;

function shown(view: GroupView) {
  const [message] = groupMessage(view);
  if (message === undefined) throw new Error('there is no message');
  const { blocks } = message;
  return { ...message, read: textOf(blocks), buttons: Object.keys(valuesOf(blocks)) };
}

const silence: Silence = {
  number: 3,
  scope: 'group',
  matchers: [{ name: 'alertname', value: 'DiskWillFill', isRegex: false, isEqual: true }],
  by: bob,
  comment: 'We are moving the data.',
  until: minute(120),
  id: 'a-1',
  status: 'active',
  turn: 1,
};

test('a group that fires at night says what is wrong, since when, which alerts, and where to look', () => {
  const { read, text, key } = shown(viewOf());

  expect(key).toBe('message-1');
  expect(text).toBe('🟥 DiskWillFill on production · firing – The disk fills within 4 hours');
  expect(read).toBe(
    [
      '🟥 DiskWillFill · firing',
      '*The disk fills within 4 hours*',
      'Critical · *production* · since 2026-11-22 03:03 UTC · *2 firing* · 1 resolved',
      '• `instance=db-1:9100` · *97 %*',
      '• `instance=db-2:9100` · *91 %*',
      '✅ `instance=db-3:9100` · *88 %* · resolved after 4 min',
      '<http://prometheus.example:9090/graph?g0.expr=disk%7Ca&amp;g0.tab=1|Prometheus> | ' +
        '<http://alertmanager.example:9093/#/alerts?silenced=true&amp;filter=%7Balertname%3D%22DiskWillFill%22%2Ccluster%3D%22eu-1%22%7D|Alertmanager> | ' +
        '<https://grafana.example/d/disk?from=now-1h&amp;to=now|Dashboard> | from prometheus-eu',
      '[Acknowledge] [Silence] [Runbook] [Resolve]',
    ].join('\n'),
  );
});

test('nothing has to be drawn anew because time goes by', () => {
  const [soon, later] = [shown(viewOf({}, 5)), shown(viewOf({}, 500))];

  expect(later.blocks).toEqual(soon.blocks);
});

test('the buttons name the group and the round that is shown', () => {
  const { blocks } = shown(viewOf({ round: 4 }));

  expect(valuesOf(blocks).Acknowledge).toEqual({ group: 'group-0123456789abcdef', round: 4 });
});

test('a runbook that is here is opened by its button, and any other is a link', () => {
  const here = shown({ ...viewOf({ round: 4 }), hasRunbook: true });
  const over = shown({ ...viewOf({ status: 'resolved', closedAt: minute(15) }), hasRunbook: true });
  const elsewhere = shown(viewOf({ round: 4 }));

  expect(here.read).toContain('[Acknowledge] [Silence] [Runbook] [Resolve]');
  expect(valuesOf(here.blocks).Runbook).toEqual({ group: 'group-0123456789abcdef', round: 4 });
  expect(over.buttons).toEqual(['Runbook']);
  expect(JSON.stringify(here.blocks)).not.toContain('runbooks.example');
  expect(JSON.stringify(elsewhere.blocks)).toContain('"action_id":"link"');
});

describe('what people did', () => {
  test('is told when somebody has it in hand, also in PagerDuty', () => {
    const acknowledged = { by: ann, at: minute(2) };
    const page = {
      key: 'infra',
      dedupKey: 'd',
      wanted: 'acknowledged',
      told: 'acknowledged',
      turn: 2,
    } as const;

    const { read, buttons, urgent } = shown(
      viewOf({ acknowledged, page: { ...page, assignees: ['Ann Lee'] } }),
    );

    expect(read).toContain('🟥 DiskWillFill · firing · acknowledged');
    expect(read).toContain('👀 Acknowledged by Ann Lee in PagerDuty, 2026-11-22 03:06 UTC');
    expect(read).toContain(
      '📟 PagerDuty (infra): acknowledged by Ann Lee in PagerDuty · assigned to Ann Lee',
    );
    expect(buttons).toEqual(['Unacknowledge', 'Silence', 'Runbook', 'Resolve']);
    expect(urgent).toBe(false);
  });

  test('is a silence in force with the buttons to change it', () => {
    const { read, blocks } = shown(viewOf({ silences: [silence] }));

    expect(read).toContain('🟥 DiskWillFill · firing · silenced');
    expect(read).toContain(
      '🔕 Silenced until 2026-11-22 05:04 UTC, by <@UBOB>: We are moving the data.\n[Extend 2 h] [End silence now]',
    );
    expect(valuesOf(blocks)['Extend 2 h']).toEqual({ group: 'group-0123456789abcdef', round: 1, silence: 3 });
  });

  test('is a silence of one alert, which does not make the group silent', () => {
    const one = {
      ...silence,
      scope: 'abc',
      matchers: [
        { ...silence.matchers[0], name: 'instance', value: 'db-1:9100', isRegex: false, isEqual: true },
      ],
    };

    const { read } = shown(viewOf({ silences: [one] }));

    expect(read).toContain('🟥 DiskWillFill · firing\n');
    expect(read).toContain('🔕 One alert `instance=db-1:9100` · Silenced until');
  });

  test.each<[Partial<Silence>, string]>([
    [{ status: 'asked' }, 'Silenced; Alertmanager is asked to end it at 2026-11-22 05:04 UTC'],
    [{ status: 'ending' }, 'Alertmanager is asked to end the silence, by <@UBOB>'],
    [
      { status: 'failed', because: 'It is <down>.' },
      '⚠️ The silence that <@UBOB> asked for was not made: It is &lt;down&gt;.',
    ],
  ])('is a silence that stands like this: %o', (change, wanted) => {
    const { read, buttons } = shown(viewOf({ silences: [{ ...silence, ...change }] }));

    expect(read).toContain(wanted);
    expect(buttons).not.toContain('Extend 2 h');
  });

  test('a silence that has run out is no longer told', () => {
    const { read } = shown(viewOf({ silences: [silence] }, 121));

    expect(read).not.toContain('🔕');
    expect(read).not.toContain('silenced ·');
  });

  test('a page that was closed leaves nothing to acknowledge, and says who decides', () => {
    const { read, buttons } = shown(viewOf({ dismissed: { by: bob, at: minute(3) } }));

    expect(read).toContain(
      '⏹️ Page closed by <@UBOB>, 2026-11-22 03:07 UTC; Prometheus decides when it really ends',
    );
    expect(buttons).toEqual(['Silence', 'Runbook']);
  });
});

describe('who is called', () => {
  const escalation: NonNullable<AlertGroup['escalation']> = {
    policy: 'oncall',
    step: 1,
    nextAt: minute(10),
    status: 'running',
    told: [{ at: minute(5), step: 0, people: ['UALICE', 'UBOB'], page: 'infra' }],
  };

  test('is told with the step that comes next, which can be taken sooner', () => {
    const { read, buttons } = shown(viewOf({ escalation }));

    expect(read).toContain('Told 2026-11-22 03:09 UTC: <@UALICE>, <@UBOB>, PagerDuty (infra)');
    expect(read).toContain('⏰ Step 2 of *oncall* at 2026-11-22 03:14 UTC unless acknowledged');
    expect(buttons).toContain('Escalate');
  });

  test('is told when nobody is left to be called', () => {
    const { read, buttons } = shown(viewOf({ escalation: { ...escalation, status: 'exhausted' } }));

    expect(read).toContain('⚠️ *oncall* has no further step and nobody has acknowledged');
    expect(buttons).not.toContain('Escalate');
  });

  test.each([
    [{ wanted: 'triggered' }, '📟 PagerDuty (infra): being paged'],
    [{ wanted: 'triggered', told: 'triggered' }, '📟 PagerDuty (infra): paged'],
    [{ wanted: 'resolved', told: 'triggered' }, '📟 PagerDuty (infra): paged, to be closed'],
    [
      { wanted: 'triggered', refused: 'No such *key*' },
      '⚠️ PagerDuty (infra) refused the page: No such ∗key∗',
    ],
  ] as const)('a page that stands like this is told: %o', (change, wanted) => {
    const page = { key: 'infra', dedupKey: 'd', turn: 1, ...change };

    const { read } = shown(viewOf({ page }));

    expect(read).toContain(wanted);
  });
});

test('once it is over the facts stay and only links can be pressed', () => {
  const over = {
    status: 'resolved',
    closedAt: minute(11),
    closedBecause: 'resolved',
    firing: 0,
    resolved: 3,
  } as const;
  const episodes = [episode('db-1', '97 %', 12), episode('db-2', '91 %', 9)];

  const { read, text, buttons } = shown({ ...viewOf(over, 12), episodes });

  expect(text).toContain('✅ DiskWillFill on production · resolved after 12 min');
  expect(read).toContain('2026-11-22 03:03 UTC to 2026-11-22 03:15 UTC · 3 resolved');
  expect(read).toContain('✅ `instance=db-1:9100` · *97 %* · resolved after 12 min');
  expect(read).toContain('… and 1 more resolved');
  expect(buttons).toEqual(['Runbook']);
});

test('a group that was found gone says why nobody told', () => {
  const { read } = shown(viewOf({ status: 'resolved', closedAt: minute(11), closedBecause: 'gone' }));

  expect(read).toContain(
    'Alertmanager no longer has these alerts; of silenced ones it does not tell the end.',
  );
});

test('a group that flaps shows how often, and when', () => {
  const openings = [0, 1, 2, 30, 60, 61, 62, 63].map(minute);

  const { read } = shown(viewOf({ flapping: true, openings, openedAt: minute(63), round: 8 }, 64));

  expect(read).toContain('🟥 DiskWillFill · flapping · firing');
  expect(read).toContain('〰️ Opened 8 times since 2026-11-22 03:04 UTC `▇▁▁▁▁▁▁▃▁▁▁▁▁▁▁█`');
});

test('alerts that Alertmanager left out are counted, and those that are not shown', () => {
  const { read } = shown(viewOf({ firing: 40, resolved: 3, truncated: 7 }));

  expect(read).toContain('⚠️ Alertmanager left out 7 alerts');
  expect(read).toContain('… and 38 more firing, 2 more resolved');
});

test('quiet hours are named, since nobody is called', () => {
  const { routing } = groupOf();

  const { read } = shown(viewOf({ routing: { ...routing, quiet: 'night' } }));

  expect(read).toContain('🌙 Quiet hours night: nobody is paged');
});

test('a deployment shortly before is named with the way back', () => {
  const related = [
    { run: 'production-6', version: 'v2.4.0', phase: 'Go-live', at: opened - 3_600_000, by: 'UBOB' },
    { run: 'production-7', version: 'v2.4.1', phase: 'Go-live', at: opened - 360_000, by: 'UALICE' },
  ];

  const { read, blocks } = shown(viewOf({ related }));

  expect(read).toContain(
    '*production v2.4.1* reached *Go-live* 6 min before, by <@UALICE>\n🔵 *production v2.4.0* reached *Go-live* 1 h before, by <@UBOB>',
  );
  expect(valuesOf(blocks)['Roll back v2.4.1']).toEqual({ run: 'production-7' });
});

describe('links', () => {
  test.each([
    ['javascript:alert(1)'],
    ['slack://open'],
    ['data:text/html,x'],
    ['not an address'],
    ['//example.com/x'],
  ])('that are none of the web are left out: %s', (url) => {
    const view = viewOf({ commonAnnotations: { runbook_url: url, dashboard: url }, externalUrl: url });

    const { read, buttons } = shown({
      ...view,
      episodes: [{ ...episode('db-1', '1'), generatorUrl: url, annotations: {} }],
    });

    expect(buttons).not.toContain('Runbook');
    expect(read).not.toContain('|');
    expect(read).not.toContain(url);
  });

  test('cannot end early and become another link, nor carry a password', () => {
    const commonAnnotations = { dashboard_url: 'https://ann:secret@ok.example/a|b><https://evil.example|x' };

    const { read } = shown(viewOf({ commonAnnotations }));

    expect(read).toContain('<https://ok.example/a%7Cb%3E%3Chttps://evil.example%7Cx|Dashboard>');
  });

  test('to several runbooks are named for their alerts', () => {
    const { annotations, ...one } = episode('db-1', '1');
    const other = {
      ...one,
      labels: { alertname: 'DiskFull' },
      annotations: { runbook_url: 'https://r.example/2' },
    };
    const view = viewOf({ groupLabels: {}, commonLabels: {}, commonAnnotations: {} });

    const { buttons } = shown({ ...view, episodes: [{ ...one, annotations }, other] });

    expect(buttons).toContain('Runbook: DiskWillFill');
    expect(buttons).toContain('Runbook: DiskFull');
  });
});

test('a group that was never seen to open shows nothing', () => {
  const messages = groupMessage(viewOf({ round: 0, status: 'resolved' }));

  expect(messages).toEqual([]);
});

test('an alert is named by the labels that tell most, however many it has', () => {
  const base = episode('db-1', '97 %');
  const own = { job: 'x', zone: 'b', uid: 'u', pod: 'shop-1', instance: 'db-1:9100' };
  const view = viewOf({ commonLabels: { alertname: 'DiskWillFill' } });

  const { read } = shown({ ...view, episodes: [{ ...base, labels: { alertname: 'DiskWillFill', ...own } }] });

  expect(read).toContain('• `instance=db-1:9100` `pod=shop-1` `zone=b` `job=x` `uid=u` · *97 %*');
});

test('a message shows fifteen alerts and offers all of them as a file', () => {
  const episodes = Array.from({ length: 20 }, (_, index) => episode(`web-${index}`, `${index} %`));
  const view = { ...viewOf({ firing: 20, resolved: 0 }), episodes };

  const { read, buttons } = shown(view);

  expect(read.match(/• `instance=/g)).toHaveLength(15);
  expect(read).toContain('… and 5 more firing');
  expect(buttons).toContain('All as a file');
  expect(shown(viewOf()).buttons).not.toContain('All as a file');
});
