import { ConfigError } from '../settings/error.ts'

/** Apps on SQLite need not install it. @throws {ConfigError} with the line that installs it */
export async function loadPg(): Promise<typeof import('pg')> {
  try {
    // The first versions of pg 8 have no named exports for modules.
    const pg = await import('pg')
    return 'Pool' in pg ? pg : (pg as { default: typeof import('pg') }).default
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause
    throw new ConfigError('database names a Postgres, and its driver is not installed: npm install pg', {
      cause,
    })
  }
}
