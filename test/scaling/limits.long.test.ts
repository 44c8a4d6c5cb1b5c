import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { UploadSession, Usage } from '@tintype/protocol'
import { photo } from '../media/photos.ts'
import { announcement, complete, post, send } from '../support/direct.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { mediaOf, upload } from '../support/server.ts'
import { until } from '../support/until.ts'
import { type Cluster, createCluster, type Node } from './cluster.ts'

const token = 'a token that is long enough'

describe('limits of two processes on one Postgres', { skip: skipWithoutPostgres }, () => {
  let cluster: Cluster
  let jpeg: Buffer
  before(async () => {
    cluster = await createCluster()
    jpeg = await photo()
  })
  after(() => cluster.close())

  const both = async (more: Record<string, string>) => {
    const nodes = await Promise.all([cluster.start(more), cluster.start(more)])
    return { nodes, at: (i: number) => (nodes[i % 2] as Node).url }
  }
  const stop = (nodes: Node[]) => Promise.all(nodes.map((node) => node.terminate()))
  const usageAt = async (url: string) => (await (await fetch(`${url}/api/usage`)).json()) as Usage

  test('of fifty uploads for one free place one is kept, by forms and direct uploads at once', async () => {
    const { nodes, at } = await both({ QUOTA_MEDIA: '3' })
    const [one, two] = [await upload(at(0), { bytes: jpeg }), await upload(at(1), { bytes: jpeg })]
    assert.deepEqual([one.status, two.status], [201, 201])
    for (let round = 0; round < 3; round++) {
      const direct = async (i: number) => {
        const begun = await post(`${at(i)}/api/uploads`, announcement(jpeg, { caption: `${round} ${i}` }))
        if (begun.status !== 201) return begun.status
        const session = (await begun.json()) as UploadSession
        assert(session.put)
        assert.equal((await send(session.put, jpeg)).status, 200)
        return (await complete(at(i + 1), session)).status
      }
      const form = async (i: number) => (await upload(at(i), { bytes: jpeg })).status
      const statuses = await Promise.all(
        Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? direct(i) : form(i))),
      )
      assert.deepEqual(tally(statuses), { 201: 1, 403: 49 })
      const { media, sessions } = await usageAt(at(round))
      assert.deepEqual({ media, sessions }, { media: 3, sessions: 0 })
      const list = (await (await fetch(`${at(0)}/api/media`)).json()) as { media: { id: string }[] }
      const gone = list.media[0]?.id
      assert.equal((await fetch(`${at(1)}/api/media/${gone}`, { method: 'DELETE' })).status, 204)
    }
    await until(
      () => cluster.audit(),
      (lines) => lines.length === 0,
    )
    await stop(nodes)
  })

  test('replacing at both at once never passes the bytes', async () => {
    const larger = await photo({ width: 200, height: 150 })
    const { nodes, at } = await both({})
    const made = await Promise.all([0, 1].map(async (i) => mediaOf(await upload(at(i), { bytes: jpeg }))))
    const { bytes } = await usageAt(at(0))
    await stop(nodes)
    const limit = bytes + larger.length - jpeg.length
    const limited = await both({ QUOTA_BYTES: String(limit) })
    const statuses = await Promise.all(
      made.map(async ({ id }, i) => {
        const to = { path: `/api/media/${id}`, method: 'PUT' }
        return (await upload(limited.at(i), { bytes: larger }, to)).status
      }),
    )
    assert.deepEqual(tally(statuses), { 200: 1, 403: 1 })
    assert.equal((await usageAt(limited.at(0))).bytes, limit)
    await stop(limited.nodes)
  })

  test('writes and wrong tokens are counted together', async () => {
    const { nodes, at } = await both({
      TINTYPE_TOKEN: token,
      RATE_WRITES: '5/3600',
      RATE_SIGN_IN: '5/3600',
    })
    const ask = async (i: number, method: string, given: string) => {
      const headers = { Authorization: `Bearer ${given}` }
      return (await fetch(`${at(i)}/api/media/${'A'.repeat(22)}`, { method, headers })).status
    }
    const writes = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(i, 'DELETE', token)))
    assert.deepEqual(tally(writes), { 404: 5, 429: 25 })
    const guesses = []
    for (let i = 0; i < 20; i++) guesses.push(await ask(i, 'GET', `guess ${i}`))
    assert.deepEqual(tally(guesses), { 401: 5, 429: 15 })
    assert.equal(await ask(0, 'GET', token), 429)
    await stop(nodes)
  })
})

function tally(statuses: number[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
