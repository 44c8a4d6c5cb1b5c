import type { MediaPage, Timeline } from '@tintype/protocol'
import {
  formatCursor,
  type MediaQuery,
  type MediaSearch,
  positionOf,
  toFilter,
  toPage,
} from 'tintype/internal/media-query'
import { readTimeline } from 'tintype/internal/timeline'
import type { Tintype } from 'tintype/internal/tintype'
import type { AlbumPart, AlbumRecords } from '../records/album-records.ts'

/** Lists of what is in an album, in the form of those of the library. */
export interface AlbumPages {
  /**
   * @param forOthers as anybody may see it, instead of its owner
   * @throws {TintypeError} `invalid_parameter`
   */
  list(part: AlbumPart, query: MediaQuery, forOthers?: boolean): Promise<MediaPage>
  /** @throws {TintypeError} `invalid_parameter` */
  timeline(part: AlbumPart, search: MediaSearch, signal: AbortSignal): Promise<Timeline>
}

export function createAlbumPages(
  albums: Pick<AlbumRecords, 'page'>,
  { media }: Pick<Tintype, 'media'>,
): AlbumPages {
  return {
    async list(part, { cursor, limit, order, ...selection }, forOthers = false) {
      const filter = toFilter(part.owner, selection)
      const page = toPage({ cursor, limit, order })
      // One more than asked for tells whether there is a next page.
      const rows = await albums.page(part, filter, { ...page, limit: page.limit + 1 })
      const shown = rows.slice(0, page.limit)
      const last = rows.length > page.limit ? shown.at(-1) : undefined
      const whose = forOthers ? {} : { owner: part.owner }
      const ids = shown.map(({ id }) => id)
      const found =
        ids.length === 0 ? [] : (await media.list({ ids, order, limit: ids.length, ...whose })).media
      return { media: found, next: last ? formatCursor(positionOf(last, page.taken)) : null }
    },
    timeline(part, search, signal) {
      const outlines: Parameters<typeof readTimeline>[0] = {
        outline: (filter, page) => albums.page(part, filter, { ...page, taken: true }),
      }
      return readTimeline(outlines, part.owner, search, signal)
    },
  }
}
