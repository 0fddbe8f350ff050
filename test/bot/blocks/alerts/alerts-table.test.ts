import { expect, test } from 'vitest';
import { alertsTable } from '../../../../src/bot/blocks/alerts/alerts-table.ts';
import { episode, groupOf } from './sample-group.ts';

test('the file has a line for each alert, and no label breaks one', () => {
  const nasty = { ...episode('db-2', '91 %', 4), labels: { instance: 'db\n2\t"x"', '\u202ename': 'v' } };

  const table = alertsTable(groupOf({ firing: 4 }), [episode('db-1', '97 %'), nasty]);

  expect(table.split('\n')).toEqual([
    'DiskWillFill: 4 firing, 1 resolved',
    'The disk fills within 4 hours',
    'in common: alertname="DiskWillFill" severity="critical" job="node" cluster="eu-1"',
    '',
    'status\tfrom\tto\tlabels\tvalue\tsummary',
    'firing\t2026-11-22T03:03:00.000000000Z\t\tinstance="db-1:9100"\t97 %\tThe disk fills within 4 hours',
    'resolved\t2026-11-22T03:03:00.000000000Z\t2026-11-22T03:07:00.000000000Z\tinstance="db 2 \\"x\\"" name="v"\t91 %\tThe disk fills within 4 hours',
    'and 3 more',
    '',
  ]);
});
