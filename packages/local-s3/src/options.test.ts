import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkOptions } from './options.ts'

const identities = [{ accessKeyId: 'k', secretAccessKey: 'hunter2' }]
const right = { directory: './data', identities }

test('undefined is the default', () => {
  checkOptions({
    ...right,
    buckets: undefined,
    region: undefined,
    port: undefined,
    host: undefined,
    now: undefined,
  })
  checkOptions({
    ...right,
    buckets: ['b'],
    region: 'auto',
    basePath: '/s3',
    port: 0,
    host: '::1',
    now: Date.now,
  })
})

for (const [options, sentence] of [
  [{ directory: undefined }, /^directory has to be .* undefined/],
  [{ directory: '' }, /^directory .* empty/],
  [{ identities: undefined }, /^identities/],
  [{ identities: 'hunter2' }, /^identities .* a string/],
  [{ bucket: 'b' }, /^bucket is not known; .*buckets/],
  [{ buckets: 'b' }, /^buckets has to be a list/],
  [{ buckets: [undefined] }, /^buckets/],
  [{ port: '9000' }, /^port .* 65535/],
  [{ port: Number.NaN }, /^port .* NaN/],
  [{ port: 65_536 }, /^port/],
  [{ basePath: 's3' }, /^basePath .*\/s3/],
  [{ now: 5 }, /^now has to be a function/],
] as [object, RegExp][]) {
  test(`${JSON.stringify(options)} is refused by name`, () => {
    assert.throws(
      () => checkOptions({ ...right, ...options }),
      (error: Error) =>
        error instanceof TypeError && sentence.test(error.message) && !error.message.includes('hunter2'),
    )
  })
}
