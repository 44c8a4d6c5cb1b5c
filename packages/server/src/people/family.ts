import type { Clock } from 'tintype/internal/clock'
import type { Log } from 'tintype/internal/log'
import { type Config, ConfigError, databaseOf, isLoopback } from '../config.ts'
import { openPeopleDatabase, type PeopleDatabase } from '../records/people-database.ts'
import { type BrowserSessions, createBrowserSessions } from './browser-sessions.ts'
import { createPasskeys, type Passkeys } from './passkeys.ts'
import { createPeople, type People } from './people.ts'
import { createTokens, type Tokens } from './tokens.ts'

/** The people who use this server, with all that is kept of them. */
export interface Family {
  people: People
  browsers: BrowserSessions
  tokens: Tokens
  passkeys: Passkeys
  database: PeopleDatabase
  close(): Promise<void>
}

/**
 * @throws {TintypeError} `database_unavailable`
 * @throws {ConfigError} when others could connect, and nobody would have to sign in
 */
export async function openFamily(
  config: Pick<Config, 'host' | 'token' | 'database' | 'tables' | 'directory'>,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Family> {
  const database = await openPeopleDatabase(databaseOf(config), (error) =>
    log.warn('database.connection_lost', { error }),
  )
  const people = createPeople(database, clock)
  if (config.token === undefined && !isLoopback(config.host) && !(await people.any())) {
    await database.close()
    throw new ConfigError(
      `HOST is ${config.host}, but there is no TINTYPE_TOKEN and nobody who could sign in: everybody who can reach it could see and delete your photos. ` +
        'Add yourself by `tintype user add NAME`, set TINTYPE_TOKEN to a long random text, or leave HOST at 127.0.0.1.',
    )
  }
  return {
    people,
    browsers: createBrowserSessions(database, clock),
    tokens: createTokens(database, clock),
    passkeys: createPasskeys(database, clock),
    database,
    close: () => database.close(),
  }
}
