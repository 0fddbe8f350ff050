import { createRequire } from 'node:module';

/**
 * How to start the local Slack where its package for this platform is not installed but the general one is; undefined
 * otherwise.
 */
export function installedSlack(): readonly string[] | undefined {
  if (resolves(`local-slack-${process.platform}-${process.arch}`)) return undefined;
  return resolves('local-slack') ? ['npx', '--no-install', 'local-slack'] : undefined;
}

function resolves(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
