/** How looking at migrations may end besides well. */
export const migrationExits = { noDirectory: 44, noPython: 45, busy: 46 } as const;

/** Enters the checkout; words: folder, python. */
const entering = `cd -- "$1" 2>/dev/null || exit ${migrationExits.noDirectory}
[ -x "$2" ] || exit ${migrationExits.noPython}`;

/** Words: folder, python, program. */
export const runningPython = `${entering}
exec "$2" -c "$3"`;

/**
 * One at a time: a run whose connection was lost may still be at it. Words: folder, python, seconds to wait, words for flask.
 * Its own exit codes are kept out of those above.
 */
export const runningFlask = `${entering}
python=$2
exec 9<.
flock -w "$3" 9 || exit ${migrationExits.busy}
shift 3
"$python" -m flask "$@" || { code=$?; [ "$code" -lt 40 ] || [ "$code" -gt 60 ] || code=1; exit "$code"; }`;

/**
 * Tells as JSON at which revisions a database is, which the checkout leads to, which lie between, and how models and database differ
 * where none do. It asks Alembic through the application's own env.py as `flask db current`, `heads` and `check` do, since only their
 * wording would tell (https://alembic.sqlalchemy.org/en/latest/api/). `dont_mutate` keeps it from making the version table.
 */
export const lookingAtMigrations = `
import json, os, sys
answer = os.fdopen(os.dup(1), 'w')
os.dup2(2, 1)

def name(part):
    if isinstance(part, str):
        return part
    table = getattr(getattr(part, 'table', None), 'name', None)
    own = getattr(part, 'name', None)
    return '.'.join(one for one in (table, own) if isinstance(one, str) and one)

def told(diff):
    if isinstance(diff, list):
        return [words for one in diff for words in told(one)]
    parts = [name(part) for part in diff[1:4] if isinstance(part, str) or hasattr(part, 'name')]
    return [' '.join([diff[0]] + [part for index, part in enumerate(parts) if part and part not in parts[:index]])]

def look():
    from flask.cli import ScriptInfo, load_dotenv
    load_dotenv()
    app = ScriptInfo(app_import_path=os.environ.get('FLASK_APP')).load_app()
    from alembic.autogenerate import RevisionContext
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    with app.app_context():
        extension = app.extensions['migrate']
        config = extension.migrate.get_config(extension.directory)
        scripts = ScriptDirectory.from_config(config)
        heads = list(scripts.get_heads())
        current = []
        def read(revision, context):
            current.extend(revision if isinstance(revision, (list, tuple)) else [revision] if revision else [])
            return []
        with EnvironmentContext(config, scripts, fn=read, dont_mutate=True):
            scripts.run_env()
        known = {script.revision for script in scripts.walk_revisions()}
        unknown = [one for one in current if one not in known]
        pending = []
        if not unknown and len(heads) == 1:
            pending = [script.revision for script in scripts.iterate_revisions(heads[0], current or 'base')]
            pending.reverse()
        found = dict(current=current, heads=heads, pending=pending, unknown=unknown, differences=[])
        if heads and len(heads) == 1 and not pending and not unknown:
            arguments = dict(message=None, autogenerate=True, sql=False, head='head', splice=False, branch_label=None,
                             version_path=None, rev_id=None, depends_on=None)
            revisions = RevisionContext(config, scripts, arguments)
            def compare(revision, context):
                revisions.run_autogenerate(revision, context)
                return []
            with EnvironmentContext(config, scripts, fn=compare, as_sql=False, dont_mutate=True,
                                    template_args=revisions.template_args):
                scripts.run_env()
            for script in revisions.generated_revisions:
                for operations in script.upgrade_ops_list:
                    found['differences'] += [words for diff in operations.as_diffs() for words in told(diff)]
        return found

try:
    json.dump(look(), answer)
except (Exception, SystemExit) as error:
    first = (str(error).strip().splitlines() or [''])[0]
    json.dump(dict(failed=type(error).__name__ + ': ' + first), answer)
answer.flush()
`;
