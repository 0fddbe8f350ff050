import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startElasticsearch } from '../../rehearsal/elasticsearch/elasticsearch.ts';
import { type GitServer, startGitServer } from '../../rehearsal/git/git-server.ts';
import {
  makeSoftFactoryRepository,
  type SoftFactoryRepository,
} from '../../rehearsal/git/softfactory-repository.ts';
import { type DebianHost, startHost } from '../../rehearsal/host/host.ts';
import { type Slipway, startSlipway } from '../support/slipway.ts';
import { makeCertificate } from './authority.ts';
import { startNameServer } from './name-server.ts';
import { type Settings, wholeHostSettings } from './settings.ts';

/** An empty Debian server with all that the checklist expects around it, and a Slipway that deploys to it from Slack. */
export interface WholeHost {
  readonly debian: DebianHost;
  readonly slipway: Slipway;
  readonly repository: SoftFactoryRepository;
  readonly settings: Settings;
  /** The authority whose certificates are trusted, in PEM form. */
  readonly authority: string;
  readonly stop: () => Promise<void>;
}

/** The site's name. */
export const domain = 'softfactory.example';

const passwordOfElasticsearch = 'a-password-of-elastic';

/** Boots the host and starts the played Elasticsearch, the repository, a name server and Slipway with this plan. */
export async function startWholeHost({ plan }: { readonly plan: unknown }): Promise<WholeHost> {
  const closers: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const dir = await mkdtemp(join(tmpdir(), 'slipway-whole-host-'));
    closers.push(() => rm(dir, { recursive: true, force: true }));
    const debian = await startHost({ dir: join(dir, 'host') });
    closers.push(debian.stop);
    const { address, outside } = debian;
    const elasticsearch = await startElasticsearch({ password: passwordOfElasticsearch, host: outside });
    closers.push(elasticsearch.stop);
    const repository = await makeSoftFactoryRepository(join(dir, 'git'));
    const git: GitServer = await startGitServer({ folder: join(dir, 'git'), address: outside });
    closers.push(git.stop);
    const names = [domain, `www.${domain}`];
    const nameServer = await startNameServer(Object.fromEntries(names.map((name) => [name, address])));
    closers.push(nameServer.stop);
    const certificate = await makeCertificate(join(dir, 'tls'), names);
    const settings = wholeHostSettings({
      address,
      outside,
      domain,
      nameServer: nameServer.address,
      repository: `${git.url}/softfactory.git`,
      elasticsearch: { host: outside, port: elasticsearch.port, password: passwordOfElasticsearch },
      certificate,
    });
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
          address,
          port: debian.host.port,
          user: debian.host.user,
          privateKey: { file: join(dir, 'host/client') },
          hostKey: debian.host.hostKey,
        },
      },
    });
    closers.push(slipway.stop);
    return { debian, slipway, repository, settings, authority: certificate.authority, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
