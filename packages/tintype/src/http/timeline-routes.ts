import { timelineRoute } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import type { MediaRecords } from '../records/media-records.ts'
import { readTimeline } from '../timeline.ts'
import { taggedAnswer } from './conditional.ts'
import type { ApiRequest } from './exchange.ts'
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
    const query = new URLSearchParams(request.query)
    const zone = onlyOne(query, 'zone') ?? 'UTC'
    const search = onlyOne(query, 'q')
    return taggedAnswer(await readTimeline(outlines, owner, { search }, zone, request.signal), request)
  }
  return [{ path: timelineRoute, methods: { GET: show } }]
}

/** @throws {TintypeError} `invalid_parameter` */
export function onlyOne(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name)
  if (more.length > 0) throw new TintypeError('invalid_parameter', `${name} came more than once.`)
  return value
}
