import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { createUploadHooks } from './hooks.ts'
import { createRunHook } from './run.ts'
import type { Hooks } from './types.ts'

const setUp = (given: Hooks) => {
  const logged: unknown[] = []
  const note = (event: string, fields?: Record<string, unknown>) => void logged.push([event, fields?.hook])
  const log = { info() {}, warn() {}, error: note }
  const hooks = createUploadHooks([given], {
    ...{ run: createRunHook({ clock: systemClock, log }), time: 1000, scanTime: 1000 },
    ...{ transactionTime: 1000, describe: async () => ({}) as never },
  })
  return { hooks, logged }
}
const file = {
  owner: 'ann',
  fields: {},
  request: {},
  name: 'a.jpg',
  type: '',
  bytes: 1,
  replaces: undefined,
}
const made = [{ location: undefined } as never]

for (const [when, answer] of [
  ['at once', (yes: boolean) => yes],
  ['later', async (yes: boolean) => yes],
] as const) {
  test(`uploads that hooks do not concern, which they say ${when}, go as if there were none, and share their commit with others`, async () => {
    const called: string[] = []
    const { hooks } = setUp({
      concerns: ({ way }) => answer(way === 'form'),
      beforeUpload: () => void called.push('before'),
      ready: () => void called.push('ready'),
    })
    await hooks.beforeUpload?.({ ...file, way: 'direct' })
    assert.equal(await hooks.ready?.(made, { ...file, way: 'direct' }), undefined)
    assert.deepEqual(called, [])
    await hooks.beforeUpload?.({ ...file, way: 'form' })
    await (await hooks.ready?.(made, { ...file, way: 'form' }))?.({} as never)
    assert.deepEqual(called, ['before', 'ready'])
  })
}

test('a question whom they concern that fails is told as what other hooks throw', async () => {
  const fail = () => {
    throw new Error('no')
  }
  for (const concerns of [fail, async () => fail()]) {
    const { hooks, logged } = setUp({ concerns, beforeUpload() {}, ready() {} })
    const upload = { ...file, way: 'form' } as const
    await assert.rejects(async () => hooks.beforeUpload?.(upload), { code: 'hook_failed' })
    await assert.rejects(async () => hooks.ready?.(made, upload), { code: 'hook_failed' })
    assert.deepEqual(logged, [
      ['hook.failed', 'concerns'],
      ['hook.failed', 'concerns'],
    ])
  }
})
