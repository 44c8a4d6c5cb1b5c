import { fileURLToPath } from 'node:url'
import { type Adapter, type Given, type SentFile, succeeded } from '@tintype/crash-kit'
import type { Media, MediaPage, UploadSession } from '@tintype/protocol'
import { announcement, complete, send, sendParts } from '../../test/support/direct.ts'
import { formOf, postJson } from './photos.ts'
import { uploadByTus } from './tus-client.ts'

/** Folder above the packages that are run. */
const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Seconds of its settings, and what they come to. */
const times = { UPLOAD_DEADLINE: '3', SWEEP_GRACE: '3', SESSION_TTL: '45' }
const recoverySeconds = 90

/** The ready server of these packages, with what it is told about time shortened. */
function tintype(source: string) {
  return {
    command: ['node', `${source}/packages/server/bin/tintype.js`, 'serve'],
    ready: '/healthz',
    env: ({ s3, directory }: Given) => ({
      TINTYPE_DATA: directory,
      DATABASE_URL: `${directory}/tintype.db`,
      S3_BUCKET: s3.bucket,
      S3_ENDPOINT: s3.endpoint,
      AWS_REGION: s3.region,
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AUDIT_ACCESS_KEY_ID: s3.accessKeyId,
      AUDIT_SECRET_ACCESS_KEY: s3.secretAccessKey,
      UNDO_WINDOW: '0',
      ...times,
    }),
    keys: {
      database: 'tintype.db',
      sql: 'select key from tintype_media union select key from tintype_variant',
    },
    ownNotes: /^tintype-heartbeat\//,
    recovery: {
      seconds: recoverySeconds,
      how: `Its sweeper, which runs by itself: docs/reliability.md. UPLOAD_DEADLINE, SWEEP_GRACE and SESSION_TTL are ${Object.values(times).join(', ')} s.`,
    },
    async list({ url }) {
      const all: Media[] = []
      for (let cursor = ''; ; ) {
        const response = await succeeded(await fetch(`${await url()}/api/media?limit=100${cursor}`))
        const page = (await response.json()) as MediaPage
        all.push(...page.media)
        if (page.next === null) return all
        cursor = `&cursor=${page.next}`
      }
    },
    async read(id, { url }) {
      const media = (await (await succeeded(await fetch(`${await url()}/api/media/${id}`))).json()) as Media
      return (await succeeded(await fetch(media.urls.original))).bytes()
    },
    async remove(id, { url, signal }) {
      await succeeded(await fetch(`${await url()}/api/media/${id}`, { method: 'DELETE', signal }))
    },
    async replace(id, file, { url, signal }) {
      const body = formOf(file, 'file')
      await succeeded(await fetch(`${await url()}/api/media/${id}`, { method: 'PUT', body, signal }))
    },
  } satisfies Partial<Adapter>
}

/** @param source folder above the packages that are run */
export const tintypeByForm = (source: string): Adapter => ({
  ...tintype(source),
  name: 'Tintype, by form',
  async upload(file, { url, key, signal }) {
    const response = await fetch(`${await url()}/api/media`, {
      method: 'POST',
      body: formOf(file, 'file'),
      headers: { 'Idempotency-Key': key },
      signal,
    })
    const { media } = (await (await succeeded(response)).json()) as { media: [Media] }
    return media[0].id
  },
})

export const tintypeDirect = (source: string): Adapter => ({
  ...tintype(source),
  name: 'Tintype, direct to S3',
  // More than goes by one PUT.
  largeBytes: 17 * 1024 ** 2,
  async upload(file, target) {
    const { bytes, type, name } = file
    const announced = announcement(bytes, { type, name })
    const session = await postJson<UploadSession | Media>('/api/uploads', announced, target)
    const parts = await sendBytes(await target.url(), session as UploadSession, file)
    const response = await complete(await target.url(), session, parts)
    return ((await (await succeeded(response)).json()) as Media).id
  },
})

async function sendBytes(url: string, session: UploadSession, { bytes }: SentFile) {
  if (session.multipart) return sendParts(url, session, bytes)
  // What was sent already by an earlier try is refused by S3 with 412: `complete` tells.
  if (session.put) await (await send(session.put, bytes)).bytes()
  return undefined
}

export const tintypeResumable = (source: string): Adapter => ({
  ...tintype(source),
  name: 'Tintype, resumable (tus)',
  async upload(file, target) {
    const { response } = await uploadByTus('/api/files', file, target)
    const place = response.getHeader('Content-Location')
    if (!place) throw new Error('It does not say yet what became of the file.')
    return place.slice(place.lastIndexOf('/') + 1)
  },
})

export const ours = [tintypeByForm, tintypeDirect, tintypeResumable].map((make) => make(repository))
export const [form, direct, resumable] = ours as [Adapter, Adapter, Adapter]
