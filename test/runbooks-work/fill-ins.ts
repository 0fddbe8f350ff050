/**
 * What stands on the rehearsal's host in place of an example, of a span that nobody can wait for, and of a limit that is too short
 * for a busy machine.
 */
export const fillIns: Readonly<Record<string, string>> = {
  // The newer version of the repository, so that it can be seen that another one runs.
  'to=v1.9.0': 'to=v2.1.0',
  "now() - interval '5 minutes' and application_name": 'now() and application_name',
  'timeout 5 bash': 'timeout 60 bash',
  'timeout 10 bash': 'timeout 60 bash',
};
