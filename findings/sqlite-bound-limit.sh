#!/usr/bin/env bash
# SQLite: a prepared statement with a bound LIMIT is prepared anew at every run
#
# Expected:  prepare once, run often: `select … limit ?` costs at each run what `select … limit 50` costs, and the parameter
#            is the safer habit. Query builders such as Kysely write every limit so.
# Happens:   since SQLite plans by the value of a limit, binding that parameter, even to the same value, expires the
#            statement: the next step parses and plans it again, each time, unseen. A parameter elsewhere in it does not.
#            `limit +?` and `limit (select ?)` are planned once. What it costs is printed and not judged: 1.2 to 1.7 times the
#            time of this short query of three rows, and more the longer the statement is.
# Seen with: node:sqlite of Node 24.21.0, which has SQLite 3.53.4. An authorizer is asked only while a statement is prepared: it counts.
# To do:     write limits that are constants of the program into the text; for others `limit +?`.
#
# Needs bash, Node 20 or newer and npm. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo 'Node 20 or newer is needed.' >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund node@24.21.0 kysely@0.29.9 || { echo 'npm could not install the packages.' >&2; exit 2; }

cat >check.mjs <<'EOF'
import { DatabaseSync } from 'node:sqlite'
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'

const db = new DatabaseSync(':memory:')
db.exec('create table job (id integer primary key, due integer); create index job_due on job (due)')
db.exec('insert into job (due) values (1), (2), (3)')
// Before they are prepared: an authorizer that is set later expires them all.
let prepared = 0
db.setAuthorizer(() => (prepared++, 0))
const query = 'select id from job where due < ? order by due limit'
const statements = Object.fromEntries(
  Object.entries({ number: '50', parameter: '?', plus: '+?', select: '(select ?)' }).map(([name, limit]) => [
    name,
    db.prepare(`${query} ${limit}`),
  ]),
)
const run = (name, due) => statements[name].all(...(name === 'number' ? [due] : [due, 50]))

const seen = {}
for (const name of Object.keys(statements)) {
  prepared = 0
  for (let times = 0; times < 10; times++) run(name, times)
  seen[name] = prepared > 0 ? 'prepared anew' : 'prepared once'
}
console.log('Ten runs, the limit as', seen)

db.setAuthorizer(null)
const time = (name) => {
  const began = performance.now()
  for (let times = 0; times < 20_000; times++) run(name, 4)
  return performance.now() - began
}
for (const name of Object.keys(statements)) time(name)
console.log(`bound takes ${(time('parameter') / time('number')).toFixed(1)} times as long as written`)

const dialect = { createDriver: () => new DummyDriver(), createAdapter: () => new SqliteAdapter(), createIntrospector: (k) => new SqliteIntrospector(k), createQueryCompiler: () => new SqliteQueryCompiler() }
const { sql } = new Kysely({ dialect }).selectFrom('job').selectAll().limit(50).compile()
console.log('Kysely writes:', sql)

const asDescribed =
  seen.parameter === 'prepared anew' && [seen.number, seen.plus, seen.select].every((one) => one === 'prepared once') && sql.endsWith('limit ?')
console.log(`SQLite ${process.versions.sqlite}: ${asDescribed ? 'a bound limit is planned at each run' : 'CHANGED'}`)
process.exitCode = asDescribed ? 0 : 1
EOF
node_modules/.bin/node --disable-warning=ExperimentalWarning check.mjs
