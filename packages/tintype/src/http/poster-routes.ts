import type { Bucket } from '../bucket/bucket.ts'
import type { Clock } from '../clock.ts'
import type { KeepPoster } from '../derive/keep-poster.ts'
import { isId } from '../ids.ts'
import { sourceOfBody } from '../intake/body/body-source.ts'
import { mostPosterBytes } from '../intake/poster.ts'
import { createRequester } from '../intake/requester.ts'
import { absent } from '../media-api.ts'
import type { Incoming } from '../memory/body.ts'
import type { Budget } from '../memory/budget.ts'
import { present } from '../present.ts'
import type { MediaRecords } from '../records/media-records.ts'
import { mediaAnswer } from './conditional.ts'
import type { ApiRequest } from './exchange.ts'
import { keepBody } from './guard.ts'
import type { Handler, Route } from './routes.ts'
import { readWholeBody } from './whole-body.ts'

export interface PosterRoutesOptions {
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  bucket: Bucket
  posters: {
    find: MediaRecords['find']
    keep: KeepPoster
    read: ReadPicture
    clock: Clock
  }
}

/** A picture that is the body of a request: in memory, inside the budget, until the work with it has ended. */
export type ReadPicture = <T>(request: Incoming, work: (bytes: Buffer) => Promise<T>) => Promise<T>

export function createReadPicture({
  budget,
  clock,
  stallTimeout,
}: {
  budget: Budget
  clock: Clock
  /** Milliseconds. */
  stallTimeout: number
}): ReadPicture {
  return (request, work) => {
    const { headers, signal } = request
    const most = Math.min(mostPosterBytes, Number(headers['content-length'] ?? mostPosterBytes))
    return budget.within(most, signal, async () =>
      work(await readWholeBody(request, { limit: mostPosterBytes, clock, stallTimeout })),
    )
  }
}

/**
 * `PUT /media/:id/poster`: a frame of a video, from a browser that plays what nothing here can decode.
 * @param view what `GET` of it does, as of any variant
 */
export function posterRoutes(options: PosterRoutesOptions, view: Handler): Route[] {
  const { ownerOf, bucket, posters } = options
  const { clock } = posters

  const put: Handler = async (request, { id, lead }) => {
    keepBody(request)
    const owner = await ownerOf(request)
    const find = async () =>
      (isId(id) ? await posters.find(id, owner) : undefined) ?? Promise.reject(absent())
    const found = await find()
    sourceOfBody(request, undefined).open()
    await posters.read(request, (bytes) =>
      posters.keep(
        found,
        bytes,
        createRequester({ owner, signal: request.signal, holds: bytes.length }, clock),
      ),
    )
    return mediaAnswer(await present(await find(), bucket, lead), request)
  }

  return [
    {
      path: '/media/:id/poster',
      methods: { GET: (request, call) => view(request, { ...call, name: 'poster' }), PUT: put },
    },
  ]
}
