import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from 'tintype/internal/clock'
import { TintypeError } from 'tintype/internal/errors'
import { createRateLimits } from 'tintype/internal/quotas/rates'
import { counted } from './attempts.ts'

const makeLimit = createRateLimits({ counts: undefined, clock: systemClock, log: console as never })

test('wrong attempts are counted; those that succeed, and those that the server could not look at, are not', async () => {
  const limit = makeLimit('sign-in', { count: 2, seconds: 600 })
  const fails = (error: Error) =>
    assert.rejects(
      counted(limit, 'ann', async () => {
        throw error
      }),
      error,
    )
  for (let n = 0; n < 5; n++) {
    assert.equal(await counted(limit, 'ann', async () => 'right'), 'right')
    await fails(new TintypeError('overloaded', 'Try again in a moment.'))
    await fails(new TintypeError('database_unavailable', 'The database does not answer.'))
    await fails(new Error('a mistake of ours'))
  }
  assert.equal(await counted(limit, 'ann', async () => undefined), undefined)
  await fails(new TintypeError('unauthenticated', 'Name or password is wrong.'))
  let asked = false
  const next = counted(limit, 'ann', async () => {
    asked = true
  })
  await assert.rejects(next, { code: 'too_many_requests', limit: 2 })
  assert.equal(asked, false)
  assert.equal(await counted(limit, 'bob', async () => 1), 1)
})

test('each counts from its beginning, so that many at once are no way around', async () => {
  const limit = makeLimit('sign-in of many', { count: 3, seconds: 600 })
  const { promise: verdict, resolve } = Promise.withResolvers<undefined>()
  const all = Array.from({ length: 10 }, () => counted(limit, 'ann', () => verdict))
  const refused = all.map((one) =>
    one.then(
      () => 0,
      () => 1,
    ),
  )
  await Promise.all(refused.slice(3))
  resolve(undefined)
  assert.equal(
    (await Promise.all(refused)).reduce((sum: number, one) => sum + one, 0),
    7,
  )
})
