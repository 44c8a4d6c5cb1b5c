import { notInstalled } from '../settings/not-installed.ts'

/** Apps on SQLite need not install it. @throws {ConfigError} with the line that installs it */
export async function loadPg(): Promise<typeof import('pg')> {
  const pg = await import('pg').catch(
    notInstalled('database names a Postgres, and its driver is not installed: npm install pg'),
  )
  // The first versions of pg 8 have no named exports for modules.
  return 'Pool' in pg ? pg : (pg as { default: typeof import('pg') }).default
}
