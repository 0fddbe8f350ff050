import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where Elasticsearch's packages put it. */
const home = '/usr/share/elasticsearch';

/** Where a host sees the parts that play it. */
const played = '/opt/played-elasticsearch';

/**
 * A stand-in for `elasticsearch-plugin` with its words and exit codes: what it installs is a folder that the node reads when it
 * starts, https://www.elastic.co/docs/reference/elasticsearch/plugins/plugin-management
 */
const pluginProgram = `#!/bin/sh
set -u
plugins=${home}/plugins
action=\${1:-}
[ $# -gt 0 ] && shift
[ "\${1:-}" = --batch ] || [ "\${1:-}" = -b ] || [ "\${1:-}" = --purge ] && shift
plugin=\${1:-}
case $action in
list) ls -1 -- "$plugins" 2>/dev/null; exit 0 ;;
install)
  case $plugin in
  analysis-icu | analysis-kuromoji | analysis-nori | analysis-phonetic | analysis-smartcn | analysis-stempel | analysis-ukrainian | mapper-size) ;;
  *) echo "ERROR: Unknown plugin $plugin" >&2; exit 64 ;;
  esac
  [ ! -e "$plugins/$plugin" ] || { echo "ERROR: plugin directory [$plugins/$plugin] already exists" >&2; exit 1; }
  echo "-> Installing $plugin"
  echo "-> Downloading $plugin from elastic"
  mkdir -p -- "$plugins/.installing-$$" && echo "name=$plugin" >"$plugins/.installing-$$/plugin-descriptor.properties" || exit 74
  mv -T -- "$plugins/.installing-$$" "$plugins/$plugin" || exit 74
  echo "-> Installed $plugin"
  echo "-> Please restart Elasticsearch to activate any plugins installed" ;;
remove)
  [ -d "$plugins/$plugin" ] || { echo "ERROR: plugin [$plugin] not found; run 'elasticsearch-plugin list' to get list of installed plugins" >&2; exit 78; }
  echo "-> removing [$plugin]..."
  rm -rf -- "\${plugins:?}/$plugin" ;;
*) echo "ERROR: Missing command" >&2; exit 64 ;;
esac
`;

/** What the unit needs to know: how to start the node, and its environment. */
interface NodeService {
  readonly start: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** The systemd unit that runs a node. */
function nodeUnit({ start, environment }: NodeService): string {
  const lines = Object.entries(environment).map(
    ([name, value]) => `Environment="${name}=${escaped(value)}"\n`,
  );
  return `[Unit]
Description=Elasticsearch
After=network.target
StartLimitIntervalSec=0

[Service]
${lines.join('')}ExecStart=${start}
Restart=no

[Install]
WantedBy=multi-user.target
`;
}

/** What systemd would read anew in a quoted value, https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%');
}

/** The folders of this machine that a Debian host needs to run a node; `compiled` is where the rehearsal's JavaScript lies. */
export function nodeFolders(compiled: string): Readonly<Record<string, string>> {
  const schema = createRequire(import.meta.url).resolve('@elastic/request-converter/dist/schema.json');
  return {
    [`${played}/node`]: process.execPath,
    [`${played}/rehearsal`]: compiled,
    [`${played}/node_modules/@elastic/request-converter`]: join(schema, '../..'),
  };
}

interface NodeOptions {
  readonly name: string;
  readonly password: string;
  /** The address on which it listens, that of the host. */
  readonly address: string;
}

/** The shell script that, run as root on a Debian host, installs and starts a node on port 9200 as Elasticsearch's package would. */
export function installNode({ name, password, address }: NodeOptions): string {
  const unit = nodeUnit({
    start: `${played}/node ${played}/rehearsal/elasticsearch/main.js`,
    environment: {
      ELASTIC_PASSWORD: password,
      NODE_NAME: name,
      NODE_HOST: address,
      NODE_PORT: '9200',
      NODE_PLUGINS: `${home}/plugins`,
    },
  });
  return `set -eu
mkdir -p ${home}/bin ${home}/plugins
cat >${home}/bin/elasticsearch-plugin <<'END'
${pluginProgram}END
chmod 0755 ${home}/bin/elasticsearch-plugin
cat >/etc/systemd/system/elasticsearch.service <<'END'
${unit}END
chmod 0600 /etc/systemd/system/elasticsearch.service
systemctl daemon-reload
systemctl enable --quiet --now elasticsearch.service`;
}
