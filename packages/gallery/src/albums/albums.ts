import { type Album, type Albums, albumRoutes, maxAlbumIds } from '@tintype/protocol'
import { ask, endpoint, withBody } from '../api.ts'

/** Calls for the albums of the owner who is signed in. They throw errors whose message is fit for people. */

export const listAlbums = async (): Promise<Album[]> =>
  (await ask<Albums>(endpoint + albumRoutes.albums)).albums

export const getAlbum = (id: string): Promise<Album> => ask(endpoint + albumRoutes.album(id))

export const createAlbum = (name: string): Promise<Album> =>
  ask(endpoint + albumRoutes.albums, withBody('POST', { name }))

export const renameAlbum = (id: string, name: string): Promise<Album> =>
  ask(endpoint + albumRoutes.album(id), withBody('PATCH', { name }))

/** The photos stay. */
export const deleteAlbum = (id: string): Promise<void> =>
  ask(endpoint + albumRoutes.album(id), { method: 'DELETE' })

export const addToAlbum = (id: string, media: readonly string[]): Promise<Album> =>
  inPortions(media, (ids) => ask(endpoint + albumRoutes.albumMedia(id), withBody('POST', { ids })))

/** Out of the album alone. */
export const takeOut = (id: string, media: readonly string[]): Promise<Album> =>
  inPortions(media, (ids) => ask(endpoint + albumRoutes.albumMediaRemove(id), withBody('POST', { ids })))

/** @returns what the last request answers */
async function inPortions<T>(
  ids: readonly string[],
  send: (some: readonly string[]) => Promise<T>,
): Promise<T> {
  let from = 0
  for (; from + maxAlbumIds < ids.length; from += maxAlbumIds) await send(ids.slice(from, from + maxAlbumIds))
  return send(ids.slice(from))
}
