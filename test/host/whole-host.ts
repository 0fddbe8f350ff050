import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNameServer } from '../../rehearsal/dns/name-server.ts';
import { installNode, nodeFolders } from '../../rehearsal/elasticsearch/host-files.ts';
import { type GitServer, startGitServer } from '../../rehearsal/git/git-server.ts';
import {
  makeSoftFactoryRepository,
  type SoftFactoryRepository,
} from '../../rehearsal/git/softfactory-repository.ts';
import { type DebianHost, startHost } from '../../rehearsal/host/host.ts';
import type { Host } from '../../src/steps/step.ts';
import { startAuthority } from '../steps/tls/certificates.ts';
import { compileSlipway } from '../support/processes.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { type Settings, wholeHostSettings } from './settings.ts';

/** An empty Debian server with all that the checklist expects around it, and a Slipway that deploys to it from Slack. */
export interface WholeHost {
  readonly debian: DebianHost;
  readonly slipway: Slipway;
  readonly repository: SoftFactoryRepository;
  readonly settings: Settings;
  readonly stop: () => Promise<void>;
}

/** The site's name. */
export const domain = 'softfactory.example';

interface WholeHostOptions {
  readonly plan: unknown;
  /** By which address and port Slipway reaches the host over SSH; the host's own when left out. */
  readonly reach?: (debian: DebianHost) => Promise<Pick<Host, 'address' | 'port'>>;
}

/** Boots the host with a played Elasticsearch on it, and starts the repository, a name server and Slipway with this plan. */
export async function startWholeHost({ plan, reach }: WholeHostOptions): Promise<WholeHost> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-whole-host-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    await compileSlipway(join(dir, 'program'));
    const folders = nodeFolders(join(dir, 'program/dist/rehearsal'));
    const debian = await startHost({ dir: join(dir, 'host'), folders });
    closers.push(debian.stop);
    const { address, outside } = debian;
    const elasticsearch = { host: address, port: 9200, password: randomBytes(18).toString('base64url') };
    await debian.shell(installNode({ name: 'node-1', address, password: elasticsearch.password }));
    const repository = await makeSoftFactoryRepository(join(dir, 'git'));
    const git: GitServer = await startGitServer({ folder: join(dir, 'git'), address: outside });
    closers.push(git.stop);
    const names = [domain, `www.${domain}`];
    const nameServer = await startNameServer(Object.fromEntries(names.map((name) => [name, address])));
    closers.push(nameServer.stop);
    const { root, between, issue } = await startAuthority(join(dir, 'tls'));
    const own = await issue({ names, by: between });
    const certificate = { chain: own.cert + between.cert, key: own.key, authority: root.cert };
    const settings = wholeHostSettings({
      address,
      outside,
      domain,
      nameServer: nameServer.address,
      repository: `${git.url}/softfactory.git`,
      elasticsearch,
      certificate,
    });
    const reached = (await reach?.(debian)) ?? { address, port: debian.host.port };
    const slipway = await startSlipway({
      plan,
      ...settings,
      source: { repository: `${git.url}/softfactory.git` },
      groups: {
        deployers: ['U0ALICE'],
        approvers: ['U0BOB'],
        approver: ['U0BOB'],
        operator: ['U0ALICE', 'U0CAROL'],
        oncall: ['U0CAROL'],
      },
      hosts: {
        app: {
          ...reached,
          user: debian.host.user,
          privateKey: { file: join(dir, 'host/client') },
          hostKey: debian.host.hostKey,
        },
      },
    });
    closers.push(slipway.stop);
    return { debian, slipway, repository, settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Gives the host's Docker the image on which the application's own is built, which in production comes from a registry. It is as
 * good as empty: the image is built here, and nothing is run from it.
 */
export async function provideBaseImage({ shell }: DebianHost): Promise<void> {
  await shell(`set -eu
mkdir -p /srv/base/etc && echo 'root:x:0:0::/:' >/srv/base/etc/passwd
tar -C /srv/base -cf - . | docker import - softfactory-base:bookworm`);
}
