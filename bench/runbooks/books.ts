/** What a generated runbook is about; every pair of these is one. */
const systems =
  'api,postgres,redis,elasticsearch,kafka,nginx,rabbitmq,vault,consul,prometheus,grafana,minio,etcd,haproxy,cassandra,mongodb,keycloak,gitlab,jenkins,clickhouse,zookeeper,envoy,coredns,memcached,varnish'.split(
    ',',
  );
const troubles =
  'is down,is slow,runs out of memory,disk is full,drops connections,refuses logins,certificate expires,replication lags,queue grows,restarts in a loop,loses its leader,error rate is high,backup failed,is throttled,cannot resolve names,clock is off,leaks descriptors,lost a node,rejects writes,serves stale data,deadlocks,saturates its network,fails its probe,misses its quorum,has a hot shard,upgrade is stuck,config drifted,exceeds its quota,time series explode,compaction stalls,log is flooded,webhook fails,cache misses,threads are blocked,session store is gone,index is corrupt,volume is read-only,sees split brain,rate limit hits,job is stuck'.split(
    ',',
  );

/** The names and texts of 1000 runbooks of about four kilobytes, always the same. */
export function generatedRunbooks(): readonly { readonly name: string; readonly text: string }[] {
  return systems.flatMap((system, row) =>
    troubles.map((trouble, column) => {
      const words = trouble.split(' ');
      const alert = [system, ...words]
        .map((word) => word.replace(/[^a-z]/g, '').replace(/^./, upper))
        .join('');
      return {
        name: `${system}-${trouble.replace(/[^a-z]+/g, '-')}`,
        text: textOf({ system, trouble, alert, words, seed: row * troubles.length + column }),
      };
    }),
  );
}

/** Queries as they are typed, with typos and alert names, each with the runbook that is meant. */
export function typedQueries(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const system = systems[(index * 7) % systems.length] ?? '';
    const trouble = troubles[(index * 11) % troubles.length] ?? '';
    switch (index % 4) {
      case 0:
        return `${system} ${trouble}`;
      case 1:
        return `${system.slice(0, 2)}${system.slice(3)} ${trouble}`;
      case 2:
        return [system, ...trouble.split(' ')].map((word) => word.replace(/^./, upper)).join('');
      default:
        return `${trouble} after deploy`;
    }
  });
}

function textOf(about: {
  readonly system: string;
  readonly trouble: string;
  readonly alert: string;
  readonly words: readonly string[];
  readonly seed: number;
}): string {
  const { system, trouble, alert, words, seed } = about;
  const severity = ['critical', 'high', 'medium', 'low'][seed % 4] ?? 'low';
  const check = (
    index: number,
  ) => `- [ ] Is ${systems[(seed + index * 3) % systems.length]} well beside ${system}? Look at its errors.

  \`\`\`sh
  systemctl status ${system} --no-pager | head -${10 + index}
  journalctl -u ${system} --since '-${index + 5}min' | grep -c ${words.at(-1)}
  \`\`\`
`;
  const prose = (index: number) =>
    `When ${system} ${troubles[(seed + index) % troubles.length]}, people notice within ${index + 2} minutes: requests wait, workers pile up, and what depends on it fails in turn. `;
  return `---
title: ${system} ${trouble}
alerts: [${alert}]
severity: ${severity}
owner: deployers
reviewed: 2026-${String((seed % 11) + 1).padStart(2, '0')}-15
tags: [${system}, ${words.filter((word) => word.length > 3).join(', ') || 'trouble'}]
---

## Meaning

${system} ${trouble} on {{ labels.instance }}. ${prose(1)}

## Impact

${[2, 3, 4, 5].map(prose).join('')}

## Diagnosis

${[1, 2, 3, 4, 5, 6].map(check).join('\n')}
| sign | cause |
| --- | --- |
| many waits | ${prose(6)} |
| few workers | ${prose(7)} |

## Mitigation

${[8, 9, 10, 11].map(prose).join('')}

${[7, 8].map(check).join('\n')}
## Escalation

Whoever is on call for ${system}, then the owners.
`;
}

function upper(letter: string): string {
  return letter.toUpperCase();
}
