import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeControlGroups, removeControlGroups } from '../../../rehearsal/host/control-groups.ts';
import { describeWith } from '../../support/parts.ts';

describeWith('debian-host', 'the control groups of a machine', () => {
  test('are removed with all below them, once the last process in them has ended', async () => {
    const groups = await makeControlGroups(`slipway-test-${process.pid}`);
    const [group = ''] = groups;
    await mkdir(join(group, 'system.slice/ssh.service'), { recursive: true });
    const child = spawn('sleep', ['600']);
    await writeFile(join(group, 'system.slice/ssh.service/cgroup.procs'), String(child.pid));

    const removing = removeControlGroups(groups);
    await sleep(100);
    const wasKept = existsSync(group);
    child.kill('SIGKILL');
    await removing;

    expect(wasKept).toBe(true);
    expect(groups.filter((folder) => existsSync(folder))).toEqual([]);
  });
});
