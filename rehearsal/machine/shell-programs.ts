/** What a stand-in in shell says of words that it does not know, and ends with sysexits.h's code for that. */
const refusing = `refuse() { echo "\${0##*/}: this host is played and does not know these words" >&2; exit 64; }
`;

/** The entry of an account or group, by name or number; 2 says that there is none (getent(1)). */
const getent = `${refusing}case \${1:-} in passwd | group) base=$1 ;; *) refuse ;; esac
shift
[ "\${1:-}" != -- ] || shift
[ $# = 1 ] || refuse
exec awk -F : -v name="$1" '$1 == name || $3 == name { print; found = 1; exit } END { exit found ? 0 : 2 }' "$PLAYED_ROOT/etc/$base"
`;

/** Numbers and names of an account's groups, from the two files (id(1)). */
const id = `${refusing}what=\${1:-}
[ $# = 3 ] && [ "$2" = -- ] || refuse
entry=$(getent passwd "$3") || { echo "id: '$3': no such user" >&2; exit 1; }
number=$(printf %s "$entry" | cut -d : -f 4)
first=$(getent group "$number" | cut -d : -f 1)
case $what in
-u) printf '%s\\n' "$entry" | cut -d : -f 3 ;;
-g) echo "$number" ;;
-gn) echo "$first" ;;
-Gn) awk -F : -v name="$(printf %s "$entry" | cut -d : -f 1)" -v first="$first" '
  BEGIN { all = first }
  { n = split($4, members, ","); for (i = 1; i <= n; i++) if (members[i] == name && $1 != first) all = all " " $1 }
  END { print all }' "$PLAYED_ROOT/etc/group" ;;
*) refuse ;;
esac
`;

/** Nobody can become another account without rights, so only root, which everybody here already is (setpriv(1)). */
const setpriv = `${refusing}while [ $# -gt 0 ]; do
  case $1 in
  --reuid=root | --reuid=0 | --regid=root | --regid=0 | --init-groups) shift ;;
  --) shift; break ;;
  *) refuse ;;
  esac
done
[ $# -gt 0 ] || refuse
exec "$@"
`;

/** What belongs to the account that plays the host belongs to the host's root (stat(1)). */
const stat = `for last; do :; done
for word; do
  shift
  if [ -O "$last" ]; then
    case $word in *%U* | *%G*) word=$(printf %s "$word" | sed 's/%[UG]/root/g') ;; esac
  fi
  set -- "$@" "$word"
done
PATH=$PLAYED_PATH exec stat "$@"
`;

/** Gives to root what is root's already, and nothing to anybody else (chown(1)). */
const chown = `${refusing}[ "\${1:-}" != -- ] || shift
[ $# -ge 2 ] || refuse
owner=$1
shift
for file; do
  [ -e "$file" ] || { echo "chown: cannot access '$file'" >&2; exit 1; }
  [ "$owner" = root:root ] && [ -O "$file" ] || {
    echo "chown: this host is played without rights, so that all its files belong to root and none to $owner" >&2
    exit 1
  }
done
`;

/** As the real one, but that an owner and group may only be root, who the files belong to anyway (install(1)). */
const install = `${refusing}n=$#
while [ "$n" -gt 0 ]; do
  case $1 in
  -o | -g)
    case $2 in root | 0) ;; *) refuse ;; esac
    shift 2
    n=$((n - 2)) ;;
  *)
    set -- "$@" "$1"
    shift
    n=$((n - 1)) ;;
  esac
done
PATH=$PLAYED_PATH exec install "$@"
`;

/** What nobody may do here: become another account. */
const refused = `${refusing}refuse
`;

/** `--show` of all packages or of one, in a format of these four fields (dpkg-query(1)). */
const dpkgQuery = `${refusing}[ "\${1:-}" = --show ] && [ "\${2:-}" = -f ] && [ $# -ge 3 ] || refuse
format=$3
shift 3
[ "\${1:-}" != -- ] || shift
[ $# -le 1 ] || refuse
rest=$(printf %s "$format" | sed 's/\${\\(db:Status-Abbrev\\|binary:Package\\|Package\\|Version\\)}//g')
case $rest in *'\${'*) refuse ;; esac
FORMAT=$format awk -v name="\${1:-}" '
  function put(text, field, value,    at) {
    while ((at = index(text, field)) > 0) text = substr(text, 1, at - 1) value substr(text, at + length(field))
    return text
  }
  name == "" || $1 == name {
    text = put(ENVIRON["FORMAT"], "\${db:Status-Abbrev}", "ii ")
    text = put(put(text, "\${binary:Package}", $1), "\${Package}", $1)
    printf "%s", put(put(text, "\${Version}", $2), "\\\\n", "\\n")
    found = 1
  }
  END {
    if (name == "" || found) exit 0
    print "dpkg-query: no packages found matching " name >"/dev/stderr"
    exit 1
  }' "$PLAYED_ROOT/var/lib/dpkg/installed"
`;

/** Nothing is ever half configured here, and nothing needs anything else (dpkg(1)). */
const dpkg = `${refusing}case "$*" in
--audit | '--configure -a --force-confdef --force-confold' | '--no-act --remove -- '?*) ;;
*) refuse ;;
esac
`;

/** `show` of the version that the sources offer (apt-cache(8)). */
const aptCache = `${refusing}[ "\${1:-}" = show ] && [ "\${2:-}" = --no-all-versions ] && [ "\${3:-}" = -- ] && [ $# = 4 ] || refuse
awk -v name="$4" '
  $1 == name { print "Package: " $1; print "Version: " $2; found = 1 }
  END { if (found) exit 0; print "E: No packages found" >"/dev/stderr"; exit 100 }' "$PLAYED_ROOT/var/lib/apt/offers"
`;

/** Only the host's SSH server listens for others: what is played on this machine listens on loopback (ss(8)). */
const ss = `${refusing}[ "$*" = '-H -ltnp' ] || refuse
echo 'LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))'
echo 'LISTEN 0 128 [::]:22 [::]:* users:(("sshd",pid=1,fd=3))'
`;

/** The host's one way to others, with addresses that are kept for examples (RFC 5737, RFC 3849); routes and addresses (ip(8)). */
const ip = `${refusing}case "$*" in
'-j route show default') echo '[{"dst":"default","gateway":"203.0.113.1","dev":"eth0"}]' ;;
'-j -6 route show default') echo '[{"dst":"default","gateway":"2001:db8::1","dev":"eth0"}]' ;;
'-j route get '?*) echo '[{"dst":"'"$4"'","dev":"eth0"}]' ;;
'-j address') echo '[{"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1"}]},{"ifname":"eth0","addr_info":[{"family":"inet","local":"203.0.113.10"},{"family":"inet6","local":"2001:db8::10"}]}]' ;;
*) refuse ;;
esac
`;

/**
 * The stand-ins in shell, by name: those that are asked so often that starting Node would show. Each answers what the steps ask of the
 * real program and refuses everything else.
 */
export const shellPrograms: Readonly<Record<string, string>> = {
  getent,
  id,
  setpriv,
  stat,
  chown,
  install,
  runuser: refused,
  sudo: refused,
  'dpkg-query': dpkgQuery,
  dpkg,
  'apt-cache': aptCache,
  ss,
  ip,
};
