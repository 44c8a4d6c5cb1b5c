import {
  albumRoutes,
  type MadeShareLink,
  type NarrowedShareLink,
  type NewShareLink,
  type ShareLink,
  type ShareLinks,
} from '@tintype/protocol'
import { ask, endpoint, withBody } from '../api.ts'

/** Calls for the links of an album. They throw errors whose message is fit for people. */

export const listLinks = async (album: string): Promise<ShareLink[]> =>
  (await ask<ShareLinks>(endpoint + albumRoutes.albumLinks(album))).links

export const makeLink = (album: string, link: NewShareLink): Promise<MadeShareLink> =>
  ask(endpoint + albumRoutes.albumLinks(album), withBody('POST', link))

export const narrowLink = (album: string, id: string, change: NarrowedShareLink): Promise<ShareLink> =>
  ask(endpoint + albumRoutes.albumLink(album, id), withBody('PATCH', change))

/** It ends at once. */
export const revokeLink = (album: string, id: string): Promise<void> =>
  ask(endpoint + albumRoutes.albumLink(album, id), { method: 'DELETE' })
