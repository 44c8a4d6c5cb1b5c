import { scryptSync } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBrowserSessions } from '../../packages/server/src/people/browser-sessions.ts'
import { nameKey } from '../../packages/server/src/people/names.ts'
import { createPeople, type People } from '../../packages/server/src/people/people.ts'
import { createTokens, type Tokens } from '../../packages/server/src/people/tokens.ts'
import { openPeopleDatabase, type PeopleDatabase } from '../../packages/server/src/records/people-database.ts'
import { systemClock } from '../../packages/tintype/src/clock.ts'
import { createDatabase, skipWithoutPostgres } from '../support/postgres.ts'
import { startServer, type TestServer } from '../support/server.ts'

export const password = 'four words nobody guesses'

/** By parameters that cost next to nothing: those of real ones would take most of the time of these tests. */
const weak = [
  'scrypt',
  2,
  1,
  1,
  '',
  scryptSync(password, '', 32, { N: 2, r: 1, p: 1 }).toString('base64url'),
].join('$')

/** Where people may be kept, with the reason why a test of it is skipped. */
export const databases = [
  { database: 'SQLite', skip: false },
  { database: 'Postgres', skip: skipWithoutPostgres },
] as const

export interface FamilyServer extends AsyncDisposable {
  server: TestServer
  people: People
  tokens: Tokens
  database: PeopleDatabase
  /** Adds somebody, or finds them, with {@link password}. @returns the cookie of a browser that is signed in */
  join(name: string): Promise<string>
  signIn(name: string, given: string, headers?: Record<string, string>): Promise<Response>
}

/** The ready server in this process, and its people as the command sees them. On Postgres the database is its own. */
export async function startFamily(
  given: Record<string, string> = {},
  names: string[] = [],
  kind: (typeof databases)[number]['database'] = 'SQLite',
): Promise<FamilyServer> {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'tintype-people-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  let env = given
  if (kind === 'Postgres') {
    const { url, drop } = await createDatabase()
    stack.defer(drop)
    env = { ...given, DATABASE_URL: url }
  }
  const url = env.DATABASE_URL
  const database = await openPeopleDatabase(
    url === undefined ? { file: join(directory, 'tintype.db') } : { url },
  )
  stack.defer(() => database.close())
  const people = createPeople(database, systemClock)
  for (const name of names) await people.add(name)
  const server = await startServer({ TINTYPE_DATA: directory, ...env })
  stack.defer(() => server.stop())
  const all = stack.move()
  return {
    server,
    people,
    tokens: createTokens(database, systemClock),
    database,
    async join(name) {
      const key = nameKey(name)
      const found = (await people.list()).find((one) => one.name_key === key)
      const { id } = found ?? (await people.add(name)).person
      await database.db.updateTable('person').set({ password: weak }).where('id', '=', id).execute()
      return `tintype_session=${await createBrowserSessions(database, systemClock).begin({ id, password: weak })}`
    },
    signIn: (name, given, headers = {}) =>
      fetch(`${server.url}/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: JSON.stringify({ name, password: given }),
      }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/** What a browser sends back. */
export function cookieOf(response: Response): string {
  return response.headers.get('set-cookie')?.split(';')[0] ?? ''
}
