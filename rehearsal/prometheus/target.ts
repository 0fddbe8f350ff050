import { once } from 'node:events';
import { createServer } from 'node:http';

/** A server whose measures whoever holds it sets. */
export interface Target {
  readonly url: string;
  /** A gauge by its name with its labels, such as `disk_free{host="a"}`; without a value it is gone. */
  readonly set: (series: string, value?: number) => void;
  readonly stop: () => Promise<void>;
}

/** Starts it on loopback (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). */
export async function startTarget(): Promise<Target> {
  const series = new Map<string, number>();
  const server = createServer((_, response) => {
    const lines = [...series].map(([name, value]) => `${name} ${value}\n`);
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(lines.join(''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    set: (name, value) => {
      if (value === undefined) series.delete(name);
      else series.set(name, value);
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
