import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { openRecords, type Records } from '../../packages/tintype/src/records/records.ts'
import { anyOwner } from '../../packages/tintype/src/records/schema.ts'
import { newMedia } from '../audit/setting.ts'
import { databases } from '../support/app-database.ts'
import { command } from '../support/process.ts'

const day = 86_400_000

for (const { name, create, skip } of databases) {
  describe(`tintype hold, on ${name}`, { skip }, () => {
    let database: Awaited<ReturnType<typeof create>>
    let records: Records
    before(async () => {
      database = await create()
      records = await openRecords(database.url)
    })
    after(async () => {
      await records.close()
      await database.drop()
    })

    async function hold(...args: string[]) {
      const env = { PATH: process.env.PATH ?? '', DATABASE_URL: database.url }
      const child = spawn(process.execPath, [command, 'hold', ...args], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = once(child, 'exit')
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
      return { code: (await ended)[0] as number, stdout, stderr }
    }
    async function publish(id?: string) {
      const one = newMedia(Date.now() + day)
      const media = { ...one.media, id: id ?? one.media.id }
      const variants = one.variants.map((variant) => ({ ...variant, media_id: media.id }))
      await records.ledger.reserve(
        one.pending.map(({ key }) => key),
        one.pending[0]?.dueAt ?? 0,
      )
      await records.ledger.publish([{ ...one, media, variants }])
      return media.id
    }

    test('holds, lists and releases; what is on hold stays, and goes when it is released', async () => {
      // It looks like an option.
      const [seen, removed] = [await publish('-_AAAAAAAAAAAAAAAAAAAA'), await publish()]
      const now = Date.now()
      await records.ledger.remove(removed, anyOwner, now, { keep: { now, until: now + 1 } })
      for (const id of [seen, removed]) {
        const { code, stdout } = await hold(id, 'Case 7,\nletter of 3 March')
        assert.deepEqual([code, stdout], [0, `${id} is on legal hold.\n`])
      }
      const { stdout } = await hold('--list', '--json')
      const listed = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>)
      assert.deepEqual(
        listed.map(({ id, state, owner, reason }) => [id, state, owner, reason]),
        [
          [seen, 'visible', 'somebody', 'Case 7,\nletter of 3 March'],
          [removed, 'removed', 'somebody', 'Case 7,\nletter of 3 March'],
        ].toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
      )
      assert.match(
        (await hold('--list')).stdout,
        /removed {2}somebody {2}a\.jpg {2}Case 7, letter of 3 March\n/,
      )
      const final = { final: { now } }
      await assert.rejects(records.ledger.remove(seen, anyOwner, now, final), { code: 'held' })
      for (const id of [seen, removed]) assert.equal((await hold('--release', id)).code, 0)
      assert.equal((await hold('--list')).stdout, '')
      assert.equal((await records.ledger.remove(seen, anyOwner, now, final))?.length, 2)
      const { code, stderr } = await hold(seen, 'Case 8')
      assert.deepEqual([code, /nothing is left of it/.test(stderr)], [1, true], stderr)
    })

    test('wrong use is 2, and says what is right', async () => {
      const id = 'AAAAAAAAAAAAAAAAAAAAAA'
      for (const [args, says] of [
        [[], /Say the id .* or --list/],
        [['photo-7', 'Case 7'], /Say the id/],
        [[id], /Say why, in quotes/],
        [[id, 'Case', '7'], /Say why, in quotes/],
        [[id, ' '], /reason of 1 to 1000 characters/],
        [['--release', id, 'Case 7'], /no reason/],
        [['--list', id], /stands alone/],
        [['--json', id, 'Case 7'], /--json goes with --list/],
        [['--hold', id], /--hold/],
      ] as const) {
        const { code, stderr } = await hold(...args)
        assert.deepEqual([code, says.test(stderr)], [2, true], `${args}: ${stderr}`)
      }
    })
  })
}
