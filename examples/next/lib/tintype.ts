import { createTintype, type Tintype } from 'tintype'

// Yours: who has which token.
const users = new Map([
  ['Bearer of-ann', 'ann'],
  ['Bearer of-bob', 'bob'],
])

const held = globalThis as { tintype?: Promise<Tintype> }

/**
 * One for the process: in development Next loads modules anew after each change. Made when it is asked for, since
 * `next build` loads them as well.
 */
export function tintype(): Promise<Tintype> {
  // No bucket, no database: an S3 server inside this process and SQLite, below ./data.
  held.tintype ??= createTintype({
    authenticate: (request: Request) => users.get(request.headers.get('authorization') ?? ''),
  }).catch((error) => {
    // The next request tries again.
    delete held.tintype
    throw error
  })
  return held.tintype
}
