import { type Logger as BoltLogger, LogLevel } from '@slack/bolt';
import type { Logger } from 'pino';

/** Bolt's own words in Slipway's log; what Bolt calls an error while Slack is away is a warning here, since it tries again. */
export function boltLog(log: Logger): BoltLogger {
  const own = log.child({ from: 'bolt' });
  const text = (words: readonly unknown[]): string => words.map(String).join(' ');
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...words) => own.warn(text(words)),
    error: (...words) => own.warn(text(words)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
