import { codeCheckout } from './code/checkout.ts';
import { codeDotenv } from './code/dotenv.ts';
import { codeNode } from './code/node.ts';
import { codePython } from './code/python.ts';
import { codeSecrets } from './code/secrets.ts';
import { dnsRecord } from './dns/dns-record.ts';
import { dockerEngine } from './docker/docker-engine.ts';
import { dockerImage } from './docker/docker-image.ts';
import { dockerRunning } from './docker/docker-running.ts';
import { elasticsearchCluster } from './elasticsearch/elasticsearch-cluster.ts';
import { elasticsearchDocuments } from './elasticsearch/elasticsearch-documents.ts';
import { elasticsearchIndex } from './elasticsearch/elasticsearch-index.ts';
import { elasticsearchPlugin } from './elasticsearch/elasticsearch-plugin.ts';
import { elasticsearchSearch } from './elasticsearch/elasticsearch-search.ts';
import { hostCron } from './host/host-cron.ts';
import { hostDirectory } from './host/host-directory.ts';
import { hostFile } from './host/host-file.ts';
import { hostFirewall } from './host/host-firewall.ts';
import { hostPackage } from './host/host-package.ts';
import { hostResources } from './host/host-resources.ts';
import { hostService } from './host/host-service.ts';
import { hostSshd } from './host/host-sshd.ts';
import { hostUser } from './host/host-user.ts';
import { httpRequest } from './http/http.ts';
import { nginxSite } from './nginx/nginx-site.ts';
import { peopleConfirm, peopleSignOff } from './people.ts';
import { postgresQuery, postgresServer } from './postgres/postgres.ts';
import { postgresBackup } from './postgres/postgres-backup.ts';
import { postgresBackupSchedule } from './postgres/postgres-backup-schedule.ts';
import { postgresDatabase } from './postgres/postgres-database.ts';
import { postgresMigrations } from './postgres/postgres-migrations.ts';
import { postgresPerformance } from './postgres/postgres-performance.ts';
import { postgresPool } from './postgres/postgres-pool.ts';
import { postgresRestore } from './postgres/postgres-restore.ts';
import { postgresRole } from './postgres/postgres-role.ts';
import { postgresSeed } from './postgres/postgres-seed.ts';
import { redisRoundtrip, redisServer } from './redis/redis.ts';
import { redisMemory } from './redis/redis-memory.ts';
import { redisPassword } from './redis/redis-password.ts';
import { redisSettings } from './redis/redis-settings.ts';
import { sshCommand } from './ssh/ssh.ts';
import type { Step } from './step.ts';
import { tlsCertificate } from './tls/tls-certificate.ts';
import { tlsFiles } from './tls/tls-files.ts';
import { tlsProtocols } from './tls/tls-protocols.ts';
import { waitFor } from './wait.ts';

/** Every implementation that a plan may name in `uses`. */
export const steps: readonly Step[] = [
  codeCheckout,
  codeDotenv,
  codeNode,
  codePython,
  codeSecrets,
  dnsRecord,
  dockerEngine,
  dockerImage,
  dockerRunning,
  elasticsearchCluster,
  elasticsearchDocuments,
  elasticsearchIndex,
  elasticsearchPlugin,
  elasticsearchSearch,
  hostCron,
  hostDirectory,
  hostFile,
  hostFirewall,
  hostPackage,
  hostResources,
  hostService,
  hostSshd,
  hostUser,
  httpRequest,
  nginxSite,
  peopleConfirm,
  peopleSignOff,
  postgresBackup,
  postgresBackupSchedule,
  postgresDatabase,
  postgresMigrations,
  postgresPerformance,
  postgresPool,
  postgresQuery,
  postgresRestore,
  postgresRole,
  postgresSeed,
  postgresServer,
  redisMemory,
  redisPassword,
  redisRoundtrip,
  redisServer,
  redisSettings,
  sshCommand,
  tlsCertificate,
  tlsFiles,
  tlsProtocols,
  waitFor,
];

/** The implementation of that name, if there is one. */
export function findStep(uses: string): Step | undefined {
  return steps.find((step) => step.uses === uses);
}
