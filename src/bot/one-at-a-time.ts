/**
 * Makes work of one name wait for the work of that name before it, whether that ended well or not. A queue that was emptied
 * gives a job out again while the first is at work, and two would post the same message.
 */
export function oneAtATime(): (name: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (name, work) => {
    const before = last.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    last.set(name, mine);
    await mine.finally(() => {
      if (last.get(name) === mine) last.delete(name);
    });
  };
}
