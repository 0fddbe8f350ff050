import { startElasticsearch } from './elasticsearch.ts';

/** Plays one node as a program of its own until SIGTERM, as the unit of `host-files.ts` starts it. */
const { ELASTIC_PASSWORD = '', NODE_NAME, NODE_HOST, NODE_PORT, NODE_PLUGINS, NODE_PEERS } = process.env;
if (ELASTIC_PASSWORD === '') throw new Error('ELASTIC_PASSWORD is not set');
const node = await startElasticsearch({
  password: ELASTIC_PASSWORD,
  ...(NODE_NAME && { name: NODE_NAME }),
  ...(NODE_HOST && { host: NODE_HOST }),
  ...(NODE_PORT && { port: Number(NODE_PORT) }),
  ...(NODE_PLUGINS && { pluginFolder: NODE_PLUGINS }),
  ...(NODE_PEERS && { peers: NODE_PEERS.split(',') }),
});
process.once('SIGTERM', () => void node.stop());
