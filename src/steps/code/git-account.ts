/** Exit codes of the scripts that use git on a host, out of the range that shells and tools use. */
export const gitExits = {
  noGit: 41,
  noAccount: 42,
  noRepository: 43,
  noDirectory: 44,
  notDirectory: 45,
  diskFull: 46,
} as const;

/**
 * The beginning of a script that runs as root and uses git under the account `$as` in the directory `$dir`: `g` is git there. Git
 * runs what a repository's configuration names, so it must not run as root in a directory that another account may change. `setpriv`
 * becomes git, where `runuser` would stay between and keep the script from cleaning up for seconds after it was stopped.
 */
export const gitPrelude = `set -u
cd /
command -v git >/dev/null || exit ${gitExits.noGit}
id -u -- "$as" >/dev/null 2>&1 || exit ${gitExits.noAccount}
home=$(getent passwd -- "$as" | cut -d : -f 6)
group=$(id -g -- "$as")
account() { setpriv --reuid="$as" --regid="$group" --init-groups -- env HOME="$home" GIT_OPTIONAL_LOCKS=0 GIT_TERMINAL_PROMPT=0 "$@"; }
g() { account git -C "$dir" "$@"; }
`;
