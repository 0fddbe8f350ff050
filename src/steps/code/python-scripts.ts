/** Exit codes of the scripts below, out of the range that shells and tools use. */
export const pythonExits = {
  noAccount: 42,
  noDirectory: 44,
  noRequirements: 45,
  diskFull: 46,
  noPython: 47,
  noVenv: 48,
  notVenv: 49,
  otherOwner: 50,
  venvFailed: 51,
  installFailed: 52,
  busy: 53,
  unreadable: 54,
} as const;
const exits = pythonExits;

/**
 * Tells as JSON what an environment holds. A package is whole when every file that its RECORD lists is there with its size, and
 * INSTALLER among them: pip unpacks a RECORD without it first and writes the one with it last, after the package's programs.
 * Whether the requirements are met pip itself decides, without an index: then it can only count what is installed. The names of
 * what differs are only for people.
 */
const examining = `
import importlib.metadata, json, os, pathlib, subprocess, sys, sysconfig
requirements = sys.argv[1]
damaged, count = [], 0
for folder in sorted({os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")}):
    for info in sorted(pathlib.Path(folder).glob("*.dist-info")):
        count += 1
        package = importlib.metadata.PathDistribution(info)
        files = package.files or []
        is_finished = any(file.name == "INSTALLER" and file.parent.name == info.name for file in files)
        whole = is_finished and (info / "RECORD").exists() and (info / "METADATA").exists()
        for file in files:
            if file.suffix == ".pyc":
                continue
            path = pathlib.Path(package.locate_file(file))
            if not path.exists() or (file.size is not None and path.stat().st_size != file.size):
                whole = False
                break
        if not whole:
            damaged.append(info.name[: -len(".dist-info")])
different = []
try:
    from pip import __version__ as pip
    from pip._vendor.packaging.requirements import Requirement
    for line in open(requirements, encoding="utf-8"):
        text = line.split(" #")[0].split(" --")[0].strip()
        if not text or text[0] in "#-./":
            continue
        try:
            wanted = Requirement(text)
        except Exception:
            continue
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            different.append(wanted.name + " is missing")
            continue
        if not wanted.specifier.contains(version, prereleases=True):
            different.append(wanted.name + " is " + str(version) + ", wanted is " + str(wanted.specifier))
except ImportError:
    pip = None
met = False
if pip:
    words = ["install", "--dry-run", "--no-index", "--no-input", "--disable-pip-version-check", "--quiet", "--report", "-", "-r", requirements]
    told = subprocess.run([sys.executable, "-I", "-B", "-m", "pip", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, cwd=os.path.dirname(requirements))
    met = told.returncode == 0 and json.loads(told.stdout)["install"] == []
system = any(line.replace(" ", "").strip().lower() == "include-system-site-packages=true"
    for line in open(os.path.join(sys.prefix, "pyvenv.cfg"), encoding="utf-8"))
print(json.dumps({"python": sys.version.split()[0], "pip": pip, "system": system, "count": count, "damaged": damaged,
    "different": different, "met": met}))
`;

/** Takes the records of packages that were cut off away, so that pip installs them anew; fails when pip is one of them. */
const mending = `
import json, os, pathlib, shutil, sys, sysconfig
damaged = set(json.load(sys.stdin)["damaged"])
if any(name.startswith("pip-") for name in damaged):
    sys.exit(1)
for folder in {os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
    for info in pathlib.Path(folder).glob("*.dist-info"):
        if info.name[: -len(".dist-info")] in damaged:
            shutil.rmtree(info)
`;

const beginning = `set -u
cd /
directory=$1 venv=$2 requirements=$1/$3 as=$4 system=$5 python=$6 examining=$7
id -u -- "$as" >/dev/null 2>&1 || exit ${exits.noAccount}
home=$(getent passwd -- "$as" | cut -d : -f 6)
group=$(id -g -- "$as")
account() { setpriv --reuid="$as" --regid="$group" --init-groups -- env HOME="$home" "$@"; }
[ -d "$directory" ] || exit ${exits.noDirectory}
[ -f "$requirements" ] || exit ${exits.noRequirements}
works() { [ -f "$venv/pyvenv.cfg" ] && account "$venv/bin/python" -I -B -m pip --version >/dev/null 2>&1; }
examine() { account PIP_CONFIG_FILE=/dev/null "$venv/bin/python" -I -B -c "$examining" "$requirements"; }
is_other() { [ -e "$venv" ] && [ "$(stat -c %U -- "$venv")" != "$as" ]; }
`;

/** Says `none`, `owner NAME`, `broken`, or what `examining` tells. */
const looking = `${beginning}[ -e "$venv" ] || { echo none; exit 0; }
if is_other; then echo "owner $(stat -c %U -- "$venv")"; exit 0; fi
works || { echo broken; exit 0; }
examine || exit ${exits.unreadable}`;

/**
 * Makes the environment or mends it, then installs. Only a folder that is empty or an environment is ever cleared. One of them
 * works at a time; the lock is held by pip too, so that one whose SSH connection is gone keeps others out until it ends.
 */
const installing = `${beginning}mending=$8
exec 9>"/run/slipway-python-$(printf %s "$venv" | sha256sum | cut -c 1-16).lock"
flock -w 20 9 || exit ${exits.busy}
command -v -- "$python" >/dev/null || exit ${exits.noPython}
"$python" -I -c 'import ensurepip, venv' 2>/dev/null || exit ${exits.noVenv}
if is_other; then exit ${exits.otherOwner}; fi
fail() {
  [ "$(df -Pk -- "$directory" | awk 'NR == 2 { print $4 }')" -ge 1024 ] || exit ${exits.diskFull}
  exit "$1"
}
site=
[ "$system" = no ] || site=--system-site-packages
before=there
[ -f "$venv/pyvenv.cfg" ] || before=none
make() { account "$python" -m venv "$@" $site -- "$venv" >&2 || fail ${exits.venvFailed}; }
if [ -e "$venv" ] && [ "$before" = none ] && [ -n "$(find "$venv" -type f -print -quit)" ]; then exit ${exits.notVenv}; fi
sees=no
if grep -qix 'include-system-site-packages *= *true' "$venv/pyvenv.cfg" 2>/dev/null; then sees=yes; fi
if ! works; then make --clear; elif [ "$sees" != "$system" ]; then make --without-pip; fi
found=$(examine) || { make --clear; found=$(examine); } || fail ${exits.venvFailed}
if ! printf %s "$found" | account "$venv/bin/python" -I -B -c "$mending"; then make --clear; fi
cd -- "$directory" || exit ${exits.noDirectory}
account "$venv/bin/python" -I -m pip install --no-input --disable-pip-version-check -r "$requirements" >&2 </dev/null ||
  fail ${exits.installFailed}
echo "$before"`;

interface Environment {
  readonly directory: string;
  readonly venv: string;
  readonly requirements: string;
  readonly as: string;
  readonly systemSite: boolean;
  readonly python: string;
}

/** The words of the command that looks at an environment and changes nothing. */
export function lookingWords(environment: Environment): readonly string[] {
  return ['sh', '-c', looking, 'sh', ...parameters(environment)];
}

/** The words of the command that makes an environment as wanted. */
export function installingWords(environment: Environment): readonly string[] {
  return ['sh', '-c', installing, 'sh', ...parameters(environment), mending];
}

/** The words of the command that removes an environment. */
export function removingWords(venv: string): readonly string[] {
  return ['sh', '-c', `[ -f "$1/pyvenv.cfg" ] || exit ${exits.notVenv}; rm -rf -- "$1"`, 'sh', venv];
}

function parameters({
  directory,
  venv,
  requirements,
  as,
  systemSite,
  python,
}: Environment): readonly string[] {
  return [directory, venv, requirements, as, systemSite ? 'yes' : 'no', python, examining];
}
