import { createRequire } from 'node:module';

/**
 * Tells whether the emulator for this platform is installed. Without it a test file prints what it leaves out and how to
 * get it; in CI it is said to be there, so that the tests fail rather than pass unrun.
 */
export function hasLocalSlack(leftOut: string): boolean {
  const name = `local-slack-${process.platform}-${process.arch}`;
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch {
    if (process.env.CI !== undefined) return true;
    console.warn(`left out: ${leftOut}: ${name} is not installed; on Linux x64 \`npm ci\` installs it`);
    return false;
  }
}
