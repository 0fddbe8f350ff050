/** What stands on the rehearsal's host in place of an example of a command, or of a span that nobody can wait for. */
export const fillIns: Readonly<Record<string, string>> = {
  // The newer version of the repository, so that it can be seen that another one runs.
  'to=v1.9.0': 'to=v2.1.0',
  "now() - interval '5 minutes' and application_name": 'now() and application_name',
};
