import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Media, UploadSession } from '@tintype/protocol'
import { operations } from '@tintype/protocol/openapi'
import { photo } from '../media/photos.ts'
import { announcement, post } from '../support/direct.ts'
import { mediaOf, upload } from '../support/server.ts'
import { type FamilyServer, startFamily } from './family.ts'

const absent = 'A'.repeat(22)
const tus = { 'Tus-Resumable': '1.0.0' }
const json = (body: unknown): RequestInit => ({
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

/** A request that names the id of something: below `/api`, unless it has an address of its own. */
interface Ask extends RequestInit {
  /** @default the path of the operation, with the id in its place */
  to?: string
}

/** What an operation needs beside the id, so that it would be done for the owner; others are asked without. */
const asks: Record<string, (id: string, bytes: Buffer) => Ask[]> = {
  'POST /media/delete': (id) => [json({ ids: [id] }), json({ ids: [id], final: true })],
  'PATCH /media/:id': () => [json({ caption: 'taken over' })],
  'PUT /media/:id': (_, bytes) => [
    { body: formOf(bytes) },
    { body: bytes as BodyInit, headers: { 'Content-Type': 'image/jpeg' } },
  ],
  'DELETE /media/:id': (id) => [{}, { to: `/media/${id}?final=1` }],
  'GET /media/:id/:name': (id) =>
    ['original', 'thumb?download', 'original/'].map((name) => ({ to: `/media/${id}/${name}` })),
  'GET /media/:id/image': (id) => [{ to: `/media/${id}/image?w=160` }],
  'POST /media/:id/versions/:name/restore': (id) => [{ to: `/media/${id}/versions/1/restore` }],
  'POST /uploads/:id/parts': () => [json({ parts: [{ number: 1, sha256: 'a'.repeat(64) }] })],
  'POST /uploads/:id/complete': () => [
    {},
    json({ parts: [{ number: 1, etag: '"a"', sha256: 'a'.repeat(64) }] }),
  ],
  'POST /files': (id) => [{ headers: { ...tus, 'Upload-Concat': `final;/api/files/${id}` } }],
  'GET /files/:id': () => [{}, { headers: tus }, { method: 'HEAD' }, { method: 'HEAD', headers: tus }],
  'PATCH /files/:id': () => [
    {
      headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' },
      body: 'x',
    },
    {
      headers: {
        'Content-Type': 'application/partial-upload',
        'Upload-Offset': '0',
        'Upload-Complete': '?0',
      },
      body: 'x',
    },
  ],
  'POST /files/:id': () =>
    ['HEAD', 'DELETE'].map((method) => ({ headers: { ...tus, 'X-HTTP-Method-Override': method } })),
  'DELETE /files/:id': () => [{}, { headers: tus }],
  'PATCH /filepond': (id) => [
    {
      to: `/filepond?patch=${id}`,
      headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' },
      body: 'x',
    },
  ],
  'GET /filepond': (id) =>
    ['load', 'restore', 'patch'].flatMap((how) =>
      ['GET', 'HEAD'].map((method) => ({ to: `/filepond?${how}=${id}`, method })),
    ),
  'DELETE /filepond': (id) => [{ body: id }],
}

function formOf(bytes: Buffer): FormData {
  const form = new FormData()
  form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'a.jpg')
  return form
}

describe('what is Ann’s, asked for by Bob', () => {
  let family: FamilyServer
  let bytes: Buffer
  let ann: Record<string, string>
  let bob: Record<string, string>
  /** A program that has a token of Bob. */
  let hisProgram: Record<string, string>
  /** Ids of everything that somebody can have. */
  let hers: Record<string, string>
  const api = (path: string, { headers, ...init }: RequestInit = {}, who = ann) =>
    fetch(`${family.server.url}/api${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(headers as Record<string, string>), ...who },
    })
  const idIn = (response: Response) => response.headers.get('location')?.split('/').at(-1) ?? ''

  before(async () => {
    family = await startFamily({ UNDO_WINDOW: '60', RATE_SIGN_IN: 'off' }, ['Zoe'])
    ann = { Cookie: await family.join('Ann') }
    bob = { Cookie: await family.join('Bob') }
    const { secret } = await family.tokens.make((await family.people.demand('Bob')).id, 'Shortcuts')
    hisProgram = { Authorization: `Bearer ${secret}` }
    bytes = await photo({ width: 64, height: 48 })
    const { url } = family.server
    const made = async () => (await mediaOf(await upload(url, { bytes }, { headers: ann }))).id
    const session = async (file: object) =>
      ((await (await post(`${url}/api/uploads`, file, ann)).json()) as UploadSession).id
    const file = async (headers: Record<string, string>, body?: BodyInit) =>
      idIn(
        await api('/files', { method: 'POST', headers: { ...tus, ...headers }, ...(body ? { body } : {}) }),
      )
    const length = String(bytes.length)
    hers = {
      photo: await made(),
      removed: await made(),
      replaced: await made(),
      put: await session(announcement(bytes)),
      multipart: await session({ name: 'a.mp4', type: 'video/mp4', size: 20 * 1024 ** 2 }),
      tus: await file({ 'Upload-Length': length }),
      piece: await file(
        {
          'Upload-Length': '4',
          'Upload-Concat': 'partial',
          'Content-Type': 'application/offset+octet-stream',
        },
        'four',
      ),
      draft: idIn(
        await api('/files', { method: 'POST', headers: { 'Upload-Complete': '?0' }, body: 'some' }),
      ),
      filePond: await (
        await api('/filepond', { method: 'POST', headers: { 'Upload-Length': length }, body: new FormData() })
      ).text(),
    }
    for (const [what, id] of Object.entries(hers)) assert.match(id, /^[\w-]{22}$/, what)
    assert.equal((await api(`/media/${hers.removed}`, { method: 'DELETE' })).status, 200)
    assert.equal((await api(`/media/${hers.replaced}`, { method: 'PUT', body: formOf(bytes) })).status, 200)
  })
  after(() => family[Symbol.asyncDispose]())

  /** What Ann has, without what changes by itself. */
  async function possessions(): Promise<unknown> {
    const media = (await (await api('/media')).json()) as { media: Media[] }
    const { media: removed } = (await (await api('/media?removed=1')).json()) as { media: Media[] }
    const { versions } = (await (await api(`/media/${hers.replaced}/versions`)).json()) as {
      versions: object[]
    }
    const sessions = [hers.put, hers.multipart].map(async (id) => {
      const { state } = (await (await api(`/uploads/${id}`)).json()) as { state: string }
      return state
    })
    const offsets = [hers.tus, hers.piece, hers.draft, hers.filePond].map(async (id) => {
      const told = await api(`/files/${id}`, { method: 'HEAD', headers: tus })
      return [told.status, told.headers.get('upload-offset')]
    })
    const kept = ({ id, caption, revision, sha256 }: Media) => ({ id, caption, revision, sha256 })
    return {
      media: media.media.map(kept),
      removed: removed.map(({ id }) => id),
      versions: versions.length,
      sessions: await Promise.all(sessions),
      offsets: await Promise.all(offsets),
    }
  }

  /** What comes of a request: all but what is new with each answer. */
  async function outcome(at: string, { to, ...init }: Ask, id: string, who: Record<string, string>) {
    const [method = '', path = ''] = at.split(' ')
    const address = to ?? path.replace(':id', id).replace(':name', '1')
    const response = await api(address, { method, ...init }, who)
    const text = (await response.text()).replaceAll(id, 'ID').replace(/"requestId":"[^"]*"/, '')
    return { status: response.status, text, headers: [...response.headers.keys()].sort().join() }
  }

  test('is not there, whatever she has of it and by whichever route', async () => {
    const had = await possessions()
    for (const [at, { isPublic = false }] of Object.entries(operations)) {
      const isById = at.includes(':id') || asks[at] !== undefined
      if (!isById || isPublic) continue
      for (const [number] of (asks[at]?.('', bytes) ?? [{}]).entries()) {
        const ask = async (id: string) => outcome(at, asks[at]?.(id, bytes)[number] ?? {}, id, bob)
        const nothing = await ask(absent)
        // Of many in one request each has a status of its own.
        if (at === 'POST /media/delete') assert.match(nothing.text, /"status":404/)
        else if (at === 'POST /files') assert.equal(nothing.status, 400)
        else assert.equal(nothing.status, 404, `${at} ${number}: ${nothing.text}`)
        for (const [what, id] of Object.entries(hers))
          assert.deepEqual(await ask(id), nothing, `${at} ${number} of ${what}`)
      }
    }
    assert.deepEqual(await possessions(), had)
  })

  test('is in nothing that he is told', async () => {
    const ids = Object.values(hers)
    const places = ['/media', '/media?removed=1', '/timeline', '/usage', '/../plain', '/../session', '/../']
    for (const who of [bob, hisProgram])
      for (const place of places) {
        const response = await api(place, {}, who)
        const text = await response.text()
        assert.equal(response.status, 200, place)
        assert.deepEqual(
          ids.filter((id) => text.includes(id)),
          [],
          place,
        )
      }
    for (const id of ids) assert.equal((await api(`/media/${id}`, {}, hisProgram)).status, 404)
    const { media, sessions, bytes } = (await (await api('/usage', {}, bob)).json()) as Record<
      string,
      unknown
    >
    assert.deepEqual({ media, sessions, bytes }, { media: 0, sessions: 0, bytes: 0 })
    for (const operator of ['/../metrics', '/../debug'])
      for (const who of [bob, hisProgram]) assert.equal((await api(operator, {}, who)).status, 401, operator)
  })

  test('and nobody is told anything without signing in', async () => {
    for (const [at, { isPublic = false }] of Object.entries(operations)) {
      for (const ask of asks[at]?.(hers.photo as string, bytes) ?? [{}]) {
        const { status } = await outcome(at, ask, hers.photo as string, {})
        assert.equal(status, isPublic ? 200 : 401, at)
      }
    }
  })
})
