import type { Journal } from './journal.ts'
import type { World } from './world.ts'

/** Of the app in {@link file://./app-with-hooks.ts}. */
export const table = 'app_photo'

/** Where servers are apps with hooks: a photo and the app's row of it are there together, or neither is. */
export async function compareAppRows({ sql, hooked }: World, { violations }: Journal): Promise<void> {
  if (!hooked) return
  // In one statement, which sees one state.
  const found = await sql.all<{ id: string; whose: string }>(
    `select photo as id, 'app' as whose from ${table} union all select id, 'media' as whose from tintype_media`,
  )
  const idsOf = (one: string) => new Set(found.filter((row) => row.whose === one).map(({ id }) => id))
  const [rows, media] = [idsOf('app'), idsOf('media')]
  for (const id of rows)
    if (!media.has(id)) violations.push(`the app has a row of ${id}, which is not visible`)
  for (const id of media) if (!rows.has(id)) violations.push(`the app has no row of ${id}, which is visible`)
}
