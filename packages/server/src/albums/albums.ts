import type { Clock } from 'tintype/internal/clock'
import type { Hooks } from 'tintype/internal/hooks/types'
import { type AlbumRecords, createAlbumRecords } from '../records/album-records.ts'
import { createGuestRecords, type GuestRecords } from '../records/guest-records.ts'
import { createLinkRecords, type LinkRecords } from '../records/link-records.ts'
import type { PeopleDatabase } from '../records/people-database.ts'
import { createGuestHooks, createVisits, type Visits } from './guest-hooks.ts'

/** All that is kept of albums, and what has to be known before the library is opened. */
export interface OpenAlbums {
  albums: AlbumRecords
  links: LinkRecords
  guests: GuestRecords
  visits: Visits
  hooks: Hooks
}

/** @param session milliseconds that an upload may take which goes on later */
export function openAlbums(
  database: PeopleDatabase,
  { clock, session }: { clock: Clock; session: number },
): OpenAlbums {
  const { db } = database
  const links = createLinkRecords(db)
  const guests = createGuestRecords(db)
  const visits = createVisits()
  const hooks = createGuestHooks({ visits, links, uploads: guests, database, clock, session })
  return { albums: createAlbumRecords(db), links, guests, visits, hooks }
}
