/** Where Elasticsearch's packages put it, and so does the rehearsal. */
export const home = '/usr/share/elasticsearch';

/**
 * A stand-in for `elasticsearch-plugin` with its words and exit codes: what it installs is a folder that the node reads when it
 * starts, https://www.elastic.co/docs/reference/elasticsearch/plugins/plugin-management
 */
export const pluginProgram = `#!/bin/sh
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
export function nodeUnit({ start, environment }: NodeService): string {
  const lines = Object.entries(environment).map(([name, value]) => `Environment="${name}=${value}"\n`);
  return `[Unit]
Description=Elasticsearch
After=network.target

[Service]
${lines.join('')}ExecStart=${start}
Restart=no

[Install]
WantedBy=multi-user.target
`;
}
