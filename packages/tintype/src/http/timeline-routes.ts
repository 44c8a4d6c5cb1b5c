import { timelineRoute } from '@tintype/protocol'
import type { MediaRecords } from '../records/media-records.ts'
import { readTimeline } from '../timeline.ts'
import { taggedAnswer } from './conditional.ts'
import type { ApiRequest } from './exchange.ts'
import { searchQuery } from './page-query.ts'
import type { Handler, Route } from './routes.ts'

export interface TimelineRoutesOptions {
  outlines: Pick<MediaRecords, 'outline'>
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
}

/** `/timeline`: what is where in a page that shows all photos by day. */
export function timelineRoutes({ outlines, ownerOf }: TimelineRoutesOptions): Route[] {
  const show: Handler = async (request) => {
    const owner = await ownerOf(request)
    const timeline = await readTimeline(outlines, owner, searchQuery(request), request.signal)
    return taggedAnswer(timeline, request)
  }
  return [{ path: timelineRoute, methods: { GET: show } }]
}
