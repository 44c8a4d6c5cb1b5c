import type { Media } from '@tintype/protocol'
import { TintypeError } from '../errors.ts'
import type { RunHook } from '../hooks/run.ts'
import { absent, type MediaApi, type Whose } from '../media-api.ts'
import type { CanView, RequestOfApp } from '../options.ts'
import type { Lead } from '../present.ts'
import type { ApiRequest } from './exchange.ts'

export interface ViewableOptions {
  /** The API of the library, its URLs leading where the request came. */
  mediaFor(lead: Lead): MediaApi
  /** @throws {TintypeError} `unauthenticated` */
  ownerOf(request: ApiRequest): Promise<string>
  /** Lets some see what belongs to others. */
  canView?: CanView | undefined
  run: RunHook
  /** Milliseconds that `canView` may take. */
  hookTime: number
  /** Of a media. @returns undefined when there is none */
  findOwner(id: string): Promise<string | undefined>
}

/** What a request may see. */
export interface Viewable {
  media: Media
  /** The owner it belongs to. */
  owner: string
  /** For whom URLs of it are made: its owner, or anybody. */
  whose: Whose
}

/**
 * Finds what a request may see: what is its owner's, and what the app lets it see of others. What it may not see is
 * absent.
 */
export function createViewable({ mediaFor, ownerOf, canView, findOwner, run, hookTime }: ViewableOptions) {
  /** Null for nobody, where nobody may see something. */
  async function viewerOf(request: ApiRequest): Promise<string | null> {
    try {
      return await ownerOf(request)
    } catch (error) {
      if (canView && error instanceof TintypeError && error.code === 'unauthenticated') return null
      throw error
    }
  }

  return async (id: string, request: ApiRequest, lead: Lead): Promise<Viewable> => {
    const viewer = await viewerOf(request)
    const own = viewer === null ? undefined : await mediaFor(lead).get(id, { owner: viewer })
    if (own && viewer !== null) return { media: own, owner: viewer, whose: { owner: viewer } }
    const owner = canView && (await findOwner(id))
    // Its owner is not named: another one gets no original of which nobody knows what it says.
    const media = owner === undefined ? undefined : await mediaFor(lead).get(id)
    if (!canView || !media || owner === undefined) throw absent()
    const about = { media: { ...media, owner }, owner: viewer, request: request.original as RequestOfApp }
    // True and nothing else: a list that is empty, or a row that was found by mistake, opens nothing.
    const limits = { time: hookTime, signal: request.signal }
    if ((await run('canView', () => canView(about), limits)) !== true) throw absent()
    return { media, owner, whose: {} }
  }
}
