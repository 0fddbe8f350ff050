import { type Ending, NotPlayed, rootOfHost, runProgram, type Words, wordsOf } from '../program.ts';
import { reloadUnits, resetFailed, setEnabled, standing, startUnit, stopUnit } from '../systemd.ts';
import type { Unit } from '../units.ts';

const root = rootOfHost();
const flags = ['--no-pager', '--no-ask-password', '--no-block', '--quiet', '-q', '--value'];

/** systemctl(1): the verbs and properties with which services and timers are looked at and changed. */
await runProgram('systemctl', async (all) => {
  const words = wordsOf(all, { flags, options: ['--property', '-p', '-P'] });
  const [verb = '', ...names] = words.others;
  if (verb === 'daemon-reload' && names.length === 0) {
    reloadUnits(root);
    return {};
  }
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw new NotPlayed('anything but one unit at a time');
  const unitName = /\.(service|timer)$/.test(name) ? name : `${name}.service`;
  if (verb === 'show') return show(unitName, words);
  if (verb === 'is-active') {
    const { active } = standing(root, unitName);
    return {
      code: active === 'active' ? 0 : 3,
      out: words.has('--quiet') || words.has('-q') ? '' : `${active}\n`,
    };
  }
  return act(verb, unitName);
});

function show(name: string, words: Words): Ending {
  const one = standing(root, name);
  const known: Readonly<Record<string, string | number>> = {
    LoadState: one.load,
    UnitFileState: one.file,
    ActiveState: one.active,
    SubState: one.sub,
    Result: one.result,
    ExecMainStatus: one.result === 'success' ? 0 : 1,
    NRestarts: 0,
    InvocationID: one.invocation,
    NeedDaemonReload: one.needsReload ? 'yes' : 'no',
    ActiveEnterTimestampMonotonic: one.at,
    ExecMainStartTimestampMonotonic: one.at,
    MainPID: one.pid,
  };
  const [values] = words.values('-P');
  const asked = (values ?? words.value('--property') ?? words.value('-p') ?? '').split(',');
  const lines = asked.map((property) => {
    const value = known[property];
    if (value === undefined) throw new NotPlayed(`the property ${property}`);
    return values !== undefined || words.has('--value') ? `${value}\n` : `${property}=${value}\n`;
  });
  return { out: lines.join('') };
}

async function act(verb: string, name: string): Promise<Ending> {
  const { unit, active, pid, load } = standing(root, name);
  switch (verb) {
    case 'stop':
      if (load === 'not-found') return { code: 5, error: `Failed to stop ${name}: Unit ${name} not loaded.` };
      await stopUnit(root, name);
      return {};
    case 'reset-failed':
      resetFailed(root, name);
      return {};
  }
  if (!unit) return { code: 5, error: `Failed to ${verb} ${name}: Unit ${name} not found.` };
  switch (verb) {
    case 'start':
      return started(unit);
    case 'restart':
      await stopUnit(root, name);
      return started(unit);
    case 'reload':
      if (!unit.canReload || active !== 'active' || pid === 0) {
        return { code: 1, error: `Failed to reload ${name}: it is not active, or cannot be reloaded.` };
      }
      process.kill(pid, 'SIGHUP');
      return {};
    case 'enable':
    case 'disable':
      setEnabled(root, unit, verb === 'enable');
      return {};
    default:
      throw new NotPlayed(`the verb ${verb}`);
  }
}

async function started(unit: Unit): Promise<Ending> {
  const fault = await startUnit(root, unit);
  if (fault === undefined) return {};
  return { code: 1, error: `Job for ${unit.name} failed: ${fault}.` };
}
