/** One field of an INFO answer, https://redis.io/docs/latest/commands/info/; empty when it is not there. */
export function infoField(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

/** One field of an INFO answer as a number; 0 when it is not there. */
export function infoNumber(info: string, name: string): number {
  return Number(infoField(info, name)) || 0;
}
