import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../clock.ts'
import { createUploadHooks } from './hooks.ts'
import { createRunHook } from './run.ts'

test('uploads that hooks do not concern go as if there were none, and share their commit with others', async () => {
  const called: string[] = []
  const log = { info() {}, warn() {}, error() {} }
  const hooks = createUploadHooks(
    [
      {
        concerns: ({ way }) => way === 'form',
        beforeUpload: () => void called.push('before'),
        ready: () => void called.push('ready'),
      },
    ],
    {
      ...{ run: createRunHook({ clock: systemClock, log }), time: 1000, scanTime: 1000 },
      ...{ transactionTime: 1000, describe: async () => ({}) as never },
    },
  )
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
  await hooks.beforeUpload?.({ ...file, way: 'direct' })
  assert.equal(await hooks.ready?.(made, { ...file, way: 'direct' }), undefined)
  assert.deepEqual(called, [])
  await hooks.beforeUpload?.({ ...file, way: 'form' })
  await (await hooks.ready?.(made, { ...file, way: 'form' }))?.({} as never)
  assert.deepEqual(called, ['before', 'ready'])
})
