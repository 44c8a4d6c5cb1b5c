import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Media, RemovedPage } from '@tintype/protocol'
import { createTestClock } from '../../packages/tintype/src/clock.ts'
import { createTintype, type Tintype, type TintypeOptions } from '../../packages/tintype/src/tintype.ts'
import { photo } from '../media/photos.ts'
import type { databases } from '../support/app-database.ts'

const day = 86_400_000

/** Tintype with a window of ten days, over HTTP and beside it, on a clock of ours. */
export async function createUndoSetting({ create, connect }: (typeof databases)[number]) {
  const clock = createTestClock(Date.now())
  const directory = await mkdtemp(join(tmpdir(), 'tintype-undo-'))
  const database = await create()
  const open = (options: Partial<TintypeOptions> = {}): Promise<Tintype> =>
    createTintype({
      directory,
      publicUrl: 'http://photos.test',
      database: database.url,
      authenticate: (request) => (request as unknown as Request).headers.get('x-user'),
      variants: { thumb: { width: 320 } },
      times: { undo: (10 * day) / 1000, sweepGrace: 1 },
      clock,
      log: { info() {}, warn() {}, error() {} },
      ...options,
    })
  let tintype = await open()

  const call = async (
    path: string,
    method = 'GET',
    { user = 'ann', headers = {}, body = undefined as unknown } = {},
  ) => {
    const json =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await tintype.fetch(
      new Request(`http://photos.test/media${path}`, {
        method,
        ...json,
        headers: { 'x-user': user, ...json.headers, ...headers },
      }),
    )
    const text = await response.text()
    const answer = text === '' ? {} : JSON.parse(text)
    return { status: response.status, ...answer } as { status: number } & Record<string, unknown>
  }
  const create1 = async (user = 'ann', width = 40) =>
    (await tintype.media.create(await photo({ width, height: 30 }), {
      owner: user,
      name: 'a.jpg',
    })) as Media
  const replace = async (id: string, width: number) => {
    const form = new FormData()
    const bytes = (await photo({ width, height: 30 })) as Uint8Array<ArrayBuffer>
    form.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'b.jpg')
    const request = new Request(`http://photos.test/media/${id}`, {
      method: 'PUT',
      body: form,
      headers: { 'x-user': 'ann' },
    })
    const response = await tintype.fetch(request)
    assert.equal(response.status, 200)
    return (await response.json()) as Media
  }
  const removedIds = async (user = 'ann') =>
    ((await call('?removed=1', 'GET', { user })) as unknown as RemovedPage).media.map(({ id }) => id)
  const listed = async (user = 'ann') =>
    ((await call('', 'GET', { user })) as unknown as RemovedPage).media.map(({ id }) => id)
  const rows = async (query: string) => {
    const app = await connect(database.url)
    try {
      return await app.all(query)
    } finally {
      await app.close()
    }
  }
  const bytesOf = async (media: Pick<Media, 'urls'>, variant = 'original') => {
    const response = await tintype.fetch(new Request(String(media.urls[variant])))
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
  }
  const sha = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').slice(0, 40)

  return {
    clock,
    get tintype() {
      return tintype
    },
    /** Another process, with other options. */
    async reopen(options: Partial<TintypeOptions> = {}) {
      await tintype.close()
      tintype = await open(options)
    },
    ...{ call, create1, replace, removedIds, listed, rows, bytesOf, sha },
    async close() {
      await tintype.close()
      await database.drop()
      await rm(directory, { recursive: true })
    },
  }
}

export type UndoSetting = Awaited<ReturnType<typeof createUndoSetting>>
