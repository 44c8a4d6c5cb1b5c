import type { MediaVersions } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import type { MediaUndo } from '../media-undo.ts'
import type { Lead } from '../present.ts'
import { mediaAnswer, namedRevisions, taggedAnswer } from './conditional.ts'
import type { ApiRequest } from './exchange.ts'
import type { Handler, Route } from './routes.ts'

export interface UndoRoutesOptions {
  /** The way back, its URLs leading where the request came. */
  undoFor(lead: Lead): MediaUndo
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
}

/** Restoring what was removed, or replaced. Before `/media/:id/:name`, which a variant's name takes. */
export function undoRoutes({ undoFor, ownerOf }: UndoRoutesOptions): Route[] {
  const restore: Handler = async (request, { id, lead }) =>
    mediaAnswer(await undoFor(lead).restore(id, { owner: await ownerOf(request) }), request)

  const versions: Handler = async (request, { id, lead }) => {
    const owner = await ownerOf(request)
    const answer: MediaVersions = { versions: await undoFor(lead).versions(id, { owner }) }
    return taggedAnswer(answer, request)
  }

  const restoreVersion: Handler = async (request, { id, name, lead }) => {
    const how = { owner: await ownerOf(request), revision: namedRevisions(request) }
    const version = /^[1-9]\d{0,9}$/.test(name) ? Number(name) : Number.NaN
    return mediaAnswer(await undoFor(lead).restoreVersion(id, version, how), request)
  }

  return [
    { path: '/media/:id/restore', methods: { POST: restore } },
    { path: '/media/:id/versions', methods: { GET: versions } },
    { path: '/media/:id/versions/:name/restore', methods: { POST: restoreVersion } },
  ]
}

/**
 * A flag in the query: `?final=1`.
 * @throws {TintypeError} `invalid_parameter` for what is neither 1 nor 0: to delete for good, or not, is not guessed at
 */
export function flagIn({ query }: Pick<ApiRequest, 'query'>, name: string): boolean {
  const [value = '0', ...more] = new URLSearchParams(query).getAll(name)
  if (more.length === 0 && /^(0|1|true|false)$/.test(value)) return value === '1' || value === 'true'
  throw new TintypeError('invalid_parameter', `${name} is 1, or left out.`)
}
