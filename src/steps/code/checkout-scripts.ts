import { endingOnce } from '../ssh/ssh-run.ts';
import { gitExits, gitPrelude } from './git-account.ts';

/** Exit codes of the scripts below. */
export const checkoutExits = {
  ...gitExits,
  noParent: 47,
  cloneFailed: 48,
  fetchFailed: 49,
  noCommit: 50,
  checkoutFailed: 51,
  submodulesFailed: 52,
  busy: 53,
  notSaved: 54,
  unreadable: 55,
  notClone: 56,
  changedSince: 57,
  notEmpty: 58,
  notApplied: 59,
} as const;
const exits = checkoutExits;

/** What counts as a change: everything that git tracks and every file that it neither tracks nor ignores. */
const status = 'status --porcelain=v1 -z --no-renames --untracked-files=normal';

/**
 * Says `none`, `empty`, `owner NAME`, `foreign`, or `clone` with the address, the commit at HEAD, the submodules that are not as
 * recorded, one a line, an empty line, and git's status.
 */
export const looking = `dir=$1 as=$2 submodules=$3
${gitPrelude}[ -e "$dir" ] || { echo none; exit 0; }
[ -d "$dir" ] || exit ${exits.notDirectory}
[ -n "$(ls -A -- "$dir")" ] || { echo empty; exit 0; }
owner=$(stat -c %U -- "$dir")
[ "$owner" = "$as" ] || { echo "owner $owner"; exit 0; }
[ "$(g rev-parse --show-toplevel 2>/dev/null)" = "$(readlink -f -- "$dir")" ] || { echo foreign; exit 0; }
echo clone
g config --get remote.origin.url || echo
g rev-parse --verify --quiet 'HEAD^{commit}' || echo
[ "$submodules" = no ] || g submodule status --recursive | grep '^[^ ]'
echo
g ${status} || exit ${exits.unreadable}`;

/**
 * Shared by the two scripts that change something. One of them at a time works on a directory: the lock is held by git too, so that
 * a git whose SSH connection is gone keeps others out until it ends. Lock files of git are removed when no git works there. A git
 * that was stopped may for a moment still write where the clean-up removes, so that tries more than once.
 */
const beginning = `${gitPrelude}umask 022
work=/run/slipway-git-$(printf %s "$dir" | sha256sum | cut -c 1-16)
exec 9>"$work.lock"
flock -w 20 9 || exit ${exits.busy}
partial=
clean() {
  rm -rf -- "$work"
  [ -n "$partial" ] || return 0
  for _ in 1 2 3 4 5; do rm -rf -- "$partial" 2>/dev/null && return; sleep 0.2; done
}
trap clean EXIT
${endingOnce}
rm -rf -- "$work"
install -d -m 0700 -o "$as" -- "$work" || exit ${exits.diskFull}
fail() {
  [ "$(df -Pk -- "$(dirname -- "$dir")" | awk 'NR == 2 { print $4 }')" -ge 1024 ] || exit ${exits.diskFull}
  exit "$1"
}
is_worked_on() {
  for process in /proc/[0-9]*; do
    case $(cat "$process/comm" 2>/dev/null) in git | git-*) ;; *) continue ;; esac
    case $(readlink -- "$process/cwd")/ in "$(readlink -f -- "$dir")"/*) return 0 ;; esac
  done
  return 1
}
unlock() {
  [ -n "$(find "$dir/.git" -name '*.lock' -type f -print -quit)" ] || return 0
  if is_worked_on; then exit ${exits.busy}; fi
  find "$dir/.git" -name '*.lock' -type f -delete
}
has() { g rev-list --objects --quiet -1 "$1" >/dev/null 2>&1; }
is_clean() { [ -z "$(g ${status} | tr '\\000' '\\n')" ]; }
to_commit() { g -c advice.detachedHead=false checkout --quiet --detach "$1" >&2 || fail ${exits.checkoutFailed}; }
with_submodules() {
  [ "$submodules" = no ] || g submodule --quiet update --init --recursive --force >&2 </dev/null || fail ${exits.submodulesFailed}
}
`;

/**
 * Clones beside the directory and gives the clone its name when it is whole; or fetches into the clone that is there. What was
 * changed by hand is saved as one patch, in which files that git does not know are new ones, and only then put away. The key comes
 * through standard input and is removed at the end, and by the next run should this one be killed. Says what HEAD was and where
 * the patch is.
 */
export const checkingOut = `dir=$1 as=$2 commit=$3 repository=$4 submodules=$5 keep=$6 key=$7 known=$8
${beginning}[ ! -e "$dir" ] || [ -d "$dir" ] || exit ${exits.notDirectory}
[ -d "$(dirname -- "$dir")" ] || exit ${exits.noParent}
ssh="ssh -o BatchMode=yes"
if [ "$key" = yes ]; then
  (umask 077 && cat >"$work/key" && chown -- "$as" "$work/key") || exit ${exits.diskFull}
  ssh="$ssh -i $work/key -o IdentitiesOnly=yes"
fi
if [ -n "$known" ]; then
  printf '%s\\n' "$known" >"$work/known_hosts"
  ssh="$ssh -o UserKnownHostsFile=$work/known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes"
fi
export GIT_SSH_COMMAND="$ssh"
fetch() {
  if has "$commit"; then return; fi
  g fetch --no-tags origin "$commit" >&2 </dev/null || echo 'the server gives no single commit; everything is fetched' >&2
  if has "$commit"; then return; fi
  g fetch --tags --force origin '+refs/heads/*:refs/remotes/origin/*' >&2 </dev/null || fail ${exits.fetchFailed}
  has "$commit" || exit ${exits.noCommit}
}
if [ ! -e "$dir" ] || [ -z "$(ls -A -- "$dir")" ]; then
  final=$dir mode=755 former=none
  if [ -d "$dir" ]; then owning=$(stat -c %G -- "$dir") mode=$(stat -c %a -- "$dir") former=empty; fi
  partial=$(dirname -- "$dir")/.slipway-clone-$(basename -- "$dir")
  rm -rf -- "$partial"
  install -d -m 0700 -o "$as" -g "\${owning:-$group}" -- "$partial" || fail ${exits.cloneFailed}
  account git clone --no-checkout -- "$repository" "$partial" >&2 </dev/null || fail ${exits.cloneFailed}
  dir=$partial
  fetch
  to_commit "$commit"
  with_submodules
  dir=$final
  chmod -- "$mode" "$partial" && sync -f -- "$partial" && mv -T -- "$partial" "$dir" || fail ${exits.cloneFailed}
  partial=
  echo "$former none"
  exit 0
fi
[ "$(g rev-parse --show-toplevel 2>/dev/null)" = "$(readlink -f -- "$dir")" ] || exit ${exits.notClone}
[ "$(g config --get remote.origin.url)" = "$repository" ] || exit ${exits.notClone}
unlock
former=$(g rev-parse --verify --quiet 'HEAD^{commit}')
kept=none
if ! is_clean && [ -n "$former" ]; then
  (
    export GIT_INDEX_FILE="$work/index"
    umask 077
    mkdir -p -- "$keep" && g read-tree HEAD && g add --all && g diff --cached --binary --full-index --no-ext-diff --no-textconv HEAD >"$work.patch"
  ) || { rm -f -- "$work.patch"; fail ${exits.notSaved}; }
  kept=$keep/checkout-$(printf %s "$dir" | sha256sum | cut -c 1-16)-$(sha256sum <"$work.patch" | cut -c 1-32).patch
  (umask 077; cp -- "$work.patch" "$kept.$$" && sync -- "$kept.$$" && mv -- "$kept.$$" "$kept") ||
    { rm -f -- "$kept.$$" "$work.patch"; fail ${exits.notSaved}; }
  rm -f -- "$work.patch"
fi
fetch
if [ "$kept" != none ]; then
  g reset --quiet --hard >&2 && g clean --quiet -d --force >&2 || fail ${exits.checkoutFailed}
fi
to_commit "$commit"
with_submodules
echo "\${former:-none} $kept"`;

/** Puts HEAD back to what it was and applies the saved patch; a clone that this run made goes, unless it holds ignored files. */
export const takingBack = `dir=$1 as=$2 commit=$3 former=$4 kept=$5 submodules=$6
${beginning}[ -d "$dir" ] || exit 0
[ "$(g rev-parse --show-toplevel 2>/dev/null)" = "$(readlink -f -- "$dir")" ] || exit ${exits.changedSince}
unlock
[ "$(g rev-parse --verify --quiet 'HEAD^{commit}')" = "$commit" ] && is_clean || exit ${exits.changedSince}
case $former in
none | empty)
  [ -z "$(g status --porcelain --ignored)" ] || exit ${exits.notEmpty}
  find "$dir" -mindepth 1 -delete || exit 1
  [ "$former" = empty ] || rmdir -- "$dir"
  exit
  ;;
esac
has "$former" || exit ${exits.noCommit}
[ "$kept" = none ] || [ -f "$kept" ] || exit ${exits.notApplied}
to_commit "$former"
with_submodules
[ "$kept" = none ] || g apply --whitespace=nowarn <"$kept" || exit ${exits.notApplied}`;
