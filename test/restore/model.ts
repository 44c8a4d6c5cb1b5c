import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Records } from '../../packages/tintype/src/records/records.ts'
import type { Storage } from '../audit/setting.ts'
import { createHistory, type Databases, grace, step, undo } from './history.ts'

export interface Run {
  storage: Storage
  databases: Databases
  /** Plants a mistake into what `restore` does. */
  mistake?: (records: Records) => Records
}

/**
 * Histories that are put back: some steps, a dump, more steps within the window. Then a server starts on the dump, before
 * anybody has thought of `restore`; then `restore` runs, is killed and runs again; and then somebody goes forward again to
 * the latest state.
 */
export function putBack({ storage, databases, mistake = (records) => records }: Run) {
  const shape = {
    before: fc.array(step, { maxLength: 12, size: 'max' }),
    after: fc.array(step, { maxLength: 12, size: 'max' }),
    killedAfter: fc.option(fc.nat({ max: 6 }), { nil: undefined }),
  }
  return fc.asyncProperty(fc.record(shape), async ({ before, after, killedAfter }) => {
    const world = await createHistory(storage, databases)
    const history = await world.begin()
    for (const one of before) await history.take(one)
    const early = await history.dump()
    for (const one of after) await history.take(one)
    const late = await history.dump()
    await history.end()
    const stored = await world.keys()

    for (const { url, state, removed } of [early, late]) {
      const { records, sweeper, heartbeat } = await world.open(url)
      try {
        if (!(await heartbeat.mayDelete())) {
          assert.equal(await sweeper.sweepDue(), 0)
          assert.deepEqual(await world.keys(), stored)
        }
        const findings = await world.restore(mistake(records), killedAfter)
        assert.deepEqual(
          findings.filter(({ type }) => type !== 'newer' && type !== 'multipart'),
          [],
        )
        assert.deepEqual(await world.audit(records), [])
        await world.demandState(records, state)
        world.clock.advance(60_000)
        assert.ok(await heartbeat.mayDelete(), 'servers delete again')
        await sweeper.sweepDue()
        await world.demandState(records, state)
        for (const id of removed.keys()) assert.equal(await world.undoRemoval(records, id), 'restored')
        const all = new Map([...state, ...removed])
        await world.demandState(records, all)
        if (url !== late.url) continue
        // In the end nothing is left but what is visible.
        for (let days = 0; days < grace + undo; days += 86_400_000) {
          world.clock.advance(2 * 86_400_000)
          await sweeper.sweepDue()
        }
        await world.demandState(records, all)
        assert.deepEqual(await world.audit(records), [])
        assert.equal((await world.keys()).length, 2 * all.size)
      } finally {
        await records.close()
      }
    }
    world.close()
  })
}
