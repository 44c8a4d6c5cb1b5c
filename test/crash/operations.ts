import assert from 'node:assert/strict'
import type { S3Fault } from '@tintype/crash-kit'
import type { CrashPoint } from '../../packages/tintype/src/crash-points.ts'
import type { Client } from './client.ts'
import { createDirectClient } from './direct.ts'
import type { Files } from './files.ts'
import { type Attempt, idle, type Journal, type KnownMedia, type SentFile } from './journal.ts'
import { createResumableClient } from './resumable.ts'
import type { World } from './world.ts'

export interface Scene {
  world: World
  files: Files
  journal: Journal
  client: Client
  /** Of the server that is going to die. */
  url: string
}

/** Something that a client does, in the course of which the server comes to the point. */
export interface Operation {
  what: string
  env?: Record<string, string>
  act(scene: Scene): Promise<unknown>
}

/** Long enough for one test. */
const window = { UNDO_WINDOW: '3600' }

/** Of every crash point but those in a migration, in `tintype clean` and `tintype restore`, which no client can bring about. */
export const operations = {
  'store.examined': { what: 'one photo', act: uploadOne },
  'store.reserved': { what: 'several files', act: uploadSeveral },
  'store.firstObject': { what: 'several files', act: uploadSeveral },
  'store.allObjects': { what: 'several files', act: uploadSeveral },
  'store.published': { what: 'several files', act: uploadSeveral },
  'store.discarded': {
    what: 'one photo, while S3 takes none',
    act(scene) {
      failAll(scene.world, 'PUT', 'slow down')
      return uploadOne(scene)
    },
  },
  'hook.transforming': { what: 'several files', act: uploadSeveral },
  'hook.transformed': { what: 'one photo', act: (scene) => uploadDirect(scene, scene.files.photo()) },
  'hook.ready': { what: 'several files', act: uploadSeveral },
  'hook.restored': { what: 'a photo that is brought back', env: window, act: restoreOne },
  'hook.removed': { what: 'a deletion', act: removeOne },
  'scan.begun': { what: 'a long video', act: uploadLong },
  'scan.passed': { what: 'one photo', act: (scene) => uploadDirect(scene, scene.files.photo()) },
  'ledger.reserved': { what: 'one photo', act: uploadOne },
  'ledger.publishing': { what: 'several files', act: uploadSeveral },
  'ledger.replacing': { what: 'a replacement', act: replaceOne },
  'ledger.restoring': { what: 'a photo that is brought back', env: window, act: restoreOne },
  'ledger.removing': { what: 'a deletion', act: removeOne },
  'outbox.written': { what: 'several files', act: uploadSeveral },
  'outbox.leased': { what: 'several files', act: uploadSeveral },
  'outbox.delivered': { what: 'several files', act: uploadSeveral },
  'outbox.removed': { what: 'one photo', act: uploadOne },
  'variant.leased': { what: 'one photo', act: uploadOne },
  'variant.made': { what: 'one photo', act: uploadOne },
  'variant.reserved': { what: 'one photo', act: uploadOne },
  'variant.stored': { what: 'one photo', act: uploadOne },
  'variant.publishing': { what: 'one photo', act: uploadOne },
  'variant.published': { what: 'one photo', act: uploadOne },
  'replace.committed': { what: 'a replacement', act: replaceOne },
  'remove.committed': { what: 'a deletion', act: removeOne },
  'restore.committed': { what: 'a photo that is brought back', env: window, act: restoreOne },
  'remove.deleted': { what: 'a deletion', act: removeOne },
  'sweep.claimed': { what: 'replaced bytes', env: { SWEEP_GRACE: '0' }, act: replaceOne },
  'sweep.deleted': { what: 'replaced bytes', env: { SWEEP_GRACE: '0' }, act: replaceOne },
  'sweep.struck': { what: 'replaced bytes', env: { SWEEP_GRACE: '0' }, act: replaceOne },
  'sweep.aborted': {
    what: 'a long video, while S3 takes no part of it',
    act(scene) {
      failAll(scene.world, 'PUT', 'slow down')
      return uploadLong(scene)
    },
  },
  'stream.created': { what: 'a long video', act: uploadLong },
  'stream.partStored': { what: 'a long video', act: uploadLong },
  'stream.allParts': { what: 'a long video', act: uploadLong },
  'stream.completed': { what: 'a long video', act: uploadLong },
  'clean.created': { what: 'a long video with a place', act: uploadPlaced },
  'clean.partStored': { what: 'a long video with a place', act: uploadPlaced },
  'clean.assembled': { what: 'a long video with a place', act: uploadPlaced },
  'clean.copied': {
    what: 'a long video with a place',
    act: (scene) => uploadDirect(scene, scene.files.longPlacedVideo()),
  },
  'clean.stored': {
    what: 'a video with a place',
    act: (scene) => uploadDirect(scene, scene.files.placedVideo()),
  },
  'direct.reserved': { what: 'one photo', act: (scene) => uploadDirect(scene, scene.files.photo()) },
  'direct.created': { what: 'a huge video', act: (scene) => uploadDirect(scene, scene.files.hugeVideo()) },
  'direct.opened': { what: 'a huge video', act: (scene) => uploadDirect(scene, scene.files.hugeVideo()) },
  'direct.completed': { what: 'a huge video', act: (scene) => uploadDirect(scene, scene.files.hugeVideo()) },
  'direct.verified': { what: 'one photo', act: (scene) => uploadDirect(scene, scene.files.photo()) },
  'direct.published': { what: 'one photo', act: (scene) => uploadDirect(scene, scene.files.photo()) },
  'direct.refused': {
    what: 'half a photo',
    act: ({ url, journal, files }) =>
      createDirectClient(journal).offerUnsound(async () => url, files.unsound()),
  },
  'direct.cancelled': {
    what: 'a photo that is given up',
    act: ({ url, journal, files }) => createDirectClient(journal).cancel(async () => url, files.photo()),
  },
  'resumable.opened': {
    what: 'one photo by tus',
    act: (scene) => uploadResumable(scene, scene.files.photo()),
  },
  'resumable.begun': {
    what: 'a long video by tus',
    act: (scene) => uploadResumable(scene, scene.files.longVideo()),
  },
  'resumable.created': {
    what: 'a long video by tus',
    act: (scene) => uploadResumable(scene, scene.files.longVideo()),
  },
  'resumable.partStored': {
    what: 'a huge video by tus',
    act: (scene) => uploadResumable(scene, scene.files.hugeVideo()),
  },
  'resumable.tailStored': {
    what: 'a photo in pieces',
    act: (scene) => uploadResumable(scene, scene.files.photo(), 500),
  },
  'resumable.acknowledged': {
    what: 'a photo in pieces',
    act: (scene) => uploadResumable(scene, scene.files.photo(), 500),
  },
  'resumable.completed': {
    what: 'a huge video in pieces',
    act: (scene) => uploadResumable(scene, scene.files.hugeVideo(), 3_000_000),
  },
  'resumable.published': {
    what: 'one photo by tus',
    act: (scene) => uploadResumable(scene, scene.files.photo()),
  },
  'resumable.refused': {
    what: 'half a photo by tus',
    act: ({ url, journal, files }) =>
      createResumableClient(journal).offerUnsound(async () => url, files.unsound()),
  },
  'resumable.cancelled': {
    what: 'a video that is given up halfway',
    act: ({ url, journal, files }) =>
      createResumableClient(journal).cancel(async () => url, files.hugeVideo()),
  },
} satisfies Record<
  Exclude<CrashPoint, 'migrate.halfway' | 'clean.publishing' | `putBack.${string}`>,
  Operation
>

function uploadDirect({ url, journal }: Scene, file: SentFile): Promise<void> {
  const attempt: Attempt = { key: undefined, files: [file], ids: undefined }
  journal.attempts.push(attempt)
  return createDirectClient(journal).upload(async () => url, attempt)
}

function uploadResumable({ url, journal }: Scene, file: SentFile, append = file.bytes.length): Promise<void> {
  const attempt: Attempt = { key: undefined, files: [file], ids: undefined }
  journal.attempts.push(attempt)
  return createResumableClient(journal).upload(
    async () => url,
    attempt,
    () => append,
  )
}

export function uploadOne(scene: Scene): Promise<boolean> {
  return upload(scene, [scene.files.photo()])
}

function uploadSeveral(scene: Scene): Promise<boolean> {
  return upload(scene, [scene.files.photo(), scene.files.video(), scene.files.photo()])
}

function uploadLong(scene: Scene): Promise<boolean> {
  return upload(scene, [scene.files.longVideo()])
}

function uploadPlaced(scene: Scene): Promise<boolean> {
  return upload(scene, [scene.files.longPlacedVideo()])
}

async function replaceOne(scene: Scene): Promise<boolean> {
  return scene.client.replace(scene.url, await mediaOf(scene), scene.files.photo())
}

async function removeOne(scene: Scene): Promise<boolean> {
  return scene.client.remove(scene.url, await mediaOf(scene))
}

async function restoreOne(scene: Scene): Promise<boolean> {
  const media = await mediaOf(scene)
  assert.ok(await scene.client.remove(scene.url, media), 'the deletion before goes well')
  return scene.client.restore(scene.url, media)
}

function upload({ journal, client, url }: Scene, files: SentFile[]): Promise<boolean> {
  const attempt: Attempt = { key: `key-${files[0]?.sha256}`, files, ids: undefined }
  journal.attempts.push(attempt)
  return client.upload(url, attempt)
}

async function mediaOf(scene: Scene): Promise<KnownMedia> {
  // Where everything is slow, the first ones may be answered by 503.
  let isThere = false
  for (let tries = 0; !isThere && tries < 5; tries++) isThere = await uploadOne(scene)
  assert.ok(isThere, 'the upload before goes well')
  const [media] = idle(scene.journal)
  assert.ok(media)
  return media
}

function failAll(world: World, method: string, fault: S3Fault): void {
  world.s3Proxy.faults.pick = (req) => (req.method === method ? fault : undefined)
}
