import { z } from 'zod';
import { hostNamed } from '../ssh/ssh-connection.ts';
import { defineStep, HostName, satisfied, Text, unsatisfied } from '../step.ts';
import { lookAtFile, putFile, takeBackFile, unrecorded } from './file-in-place.ts';
import { AbsolutePath, Account, Mode } from './file-parameters.ts';
import { KeptFile } from './remote-file.ts';

const With = z.strictObject({
  host: HostName,
  path: AbsolutePath,
  content: Text.meta({ description: 'all of the file; it usually ends with a line break' }),
  owner: Account.default('root'),
  group: Account.default('root'),
  mode: Mode.default('0644'),
  validate: z.array(z.string()).min(1).optional().meta({
    description:
      'the words of a command that gets the path of a copy as its last argument; the file is installed only when its exit code is 0',
  }),
});

const Remembered = z.object({ file: KeptFile.nullable() });

/** A file on a host has a content, an owner and permissions; a program may look at it before it is installed. */
export const hostFile = defineStep({
  uses: 'host/file',
  summary: 'A file on a host has the wanted content, owner and permissions.',
  with: With,
  timeout: '2m',
  check: async (wanted, context) => {
    const { because, evidence } = await lookAtFile(hostNamed(wanted.host, context), wanted, context);
    return because === undefined ? satisfied(evidence) : unsatisfied(because, evidence);
  },
  apply: async (wanted, context) => {
    const host = hostNamed(wanted.host, context);
    const { evidence, kept } = await putFile(host, wanted, context, wanted.validate);
    return { evidence, remember: { file: kept } satisfies z.output<typeof Remembered> };
  },
  undo: async (wanted, context, remembered) => {
    const host = hostNamed(wanted.host, context);
    if (remembered === undefined) throw unrecorded(wanted.path, host);
    return [await takeBackFile(host, Remembered.parse(remembered).file, context)];
  },
});
