import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { Media, MediaPage } from '@tintype/protocol'
import { createKeys } from '../../packages/tintype/src/bucket/keys.ts'
import { openRecords } from '../../packages/tintype/src/records/records.ts'
import { photo } from '../media/photos.ts'
import { largeVideo } from '../media/videos.ts'
import { begin, complete, send, sendParts } from '../support/direct.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { mediaOf, upload } from '../support/server.ts'
import { type Cluster, createCluster, type Node } from './cluster.ts'

const { makeKey } = createKeys()

describe('three processes on one Postgres and one bucket', { skip: skipWithoutPostgres }, () => {
  let cluster: Cluster
  let nodes: [Node, Node, Node]
  let jpeg: Buffer

  before(async () => {
    cluster = await createCluster()
    jpeg = await photo()
    // At once: they also take turns at making the schema.
    nodes = await Promise.all([cluster.start(), cluster.start(), cluster.start()])
  })
  after(() => cluster.close())

  const at = (index: number) => (nodes[index % 3] as Node).url
  const list = async (url: string) =>
    ((await (await fetch(`${url}/api/media?limit=1000`)).json()) as MediaPage).media.map((one) => one.id)

  test('what is uploaded at one is there at all', async () => {
    const made = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => mediaOf(await upload(at(i), { bytes: jpeg }))),
    )
    const lists = await Promise.all(nodes.map((node) => list(node.url)))
    for (const ids of lists) assert.deepEqual(new Set(ids), new Set(made.map((one) => one.id)))
    for (const [i, { id }] of made.entries()) {
      const original = await fetch(`${at(i + 1)}/api/media/${id}/original`)
      assert.deepEqual(Buffer.from(await original.arrayBuffer()), jpeg)
    }
  })

  test('the same media, deleted at all of them at once, is deleted once', async () => {
    const { id } = await mediaOf(await upload(at(0), { bytes: jpeg }))
    const answers = await Promise.all(
      nodes.map((node) => fetch(`${node.url}/api/media/${id}`, { method: 'DELETE' })),
    )
    assert.deepEqual(answers.map((one) => one.status).sort(), [204, 404, 404])
    for (const node of nodes) assert.equal((await fetch(`${node.url}/api/media/${id}`)).status, 404)
  })

  test('one Idempotency-Key, sent to all of them at once, makes one media', async () => {
    const headers = { 'Idempotency-Key': 'everywhere' }
    const answers = await Promise.all(nodes.map((node) => upload(node.url, { bytes: jpeg }, { headers })))
    for (const answer of answers) assert.ok(answer.ok, String(answer.status))
    const ids = await Promise.all(answers.map(async (one) => (await mediaOf(one)).id))
    assert.equal(new Set(ids).size, 1)
  })

  test('replaced at all of them at once, a media has the bytes of one, whole', async () => {
    const { id } = await mediaOf(await upload(at(0), { bytes: jpeg }))
    const photos = await Promise.all([500, 510, 520].map((width) => photo({ width, height: 400 })))
    const answers = await Promise.all(
      nodes.map((node, i) =>
        upload(node.url, { bytes: photos[i] as Buffer }, { method: 'PUT', path: `/api/media/${id}` }),
      ),
    )
    for (const answer of answers) assert.equal(answer.status, 200)
    const media = (await (await fetch(`${at(1)}/api/media/${id}`)).json()) as Media
    const stored = Buffer.from(await (await fetch(media.urls.original)).arrayBuffer())
    assert.equal(createHash('sha256').update(stored).digest('hex'), media.sha256)
    assert.ok(photos.some((one) => one.equals(stored)))
  })

  test('a direct upload is begun at one, sent, and completed at two others, with one result', async () => {
    const session = await begin(at(0), jpeg)
    assert.ok(session.put)
    assert.equal((await send(session.put, jpeg)).status, 200)
    const answers = await Promise.all([complete(at(1), session), complete(at(2), session)])
    for (const answer of answers) assert.ok([200, 201, 409].includes(answer.status), String(answer.status))
    const again = await complete(at(0), session)
    assert.equal(again.status, 200)
    const { id } = (await again.json()) as Media
    assert.ok((await list(at(1))).includes(id))
  })

  test('parts are signed by one, sent, and put together by another', async () => {
    const large = await largeVideo(16_900_000)
    const session = await begin(at(0), large, { name: 'clip.mp4', type: 'video/mp4', sha256: undefined })
    const parts = await sendParts(at(1), session, large)
    const done = await complete(at(2), session, parts)
    assert.equal(done.status, 201)
    const media = (await done.json()) as Media
    assert.equal(media.bytes, large.length)
  })

  test('what is due is swept once, by whichever comes first', async () => {
    const records = await openRecords(cluster.databaseUrl)
    const keys = Array.from({ length: 300 }, () => makeKey('original', 'jpg'))
    await records.audit.scheduleDeletion(keys, Date.now())
    // Each of them looks for work when something was replaced there.
    const { id } = await mediaOf(await upload(at(0), { bytes: jpeg }))
    for (const node of nodes)
      await upload(node.url, { bytes: jpeg }, { method: 'PUT', path: `/api/media/${id}` })
    const mine = new Set(keys)
    const swept = () => nodes.map((node) => node.events.filter(isSweepOf(mine)))
    while (swept().flat().length < keys.length)
      await Promise.race(nodes.map((node) => node.event('sweep.deleted')))
    assert.equal(
      new Set(
        swept()
          .flat()
          .map((one) => one.key),
      ).size,
      keys.length,
    )
    assert.equal(swept().flat().length, keys.length)
    await records.close()
  })

  test('nothing is left over and nothing is missing', async () => {
    assert.deepEqual(await cluster.audit(), [])
  })
})

const isSweepOf = (keys: Set<string>) => (one: Record<string, unknown>) =>
  one.event === 'sweep.deleted' && keys.has(String(one.key))
