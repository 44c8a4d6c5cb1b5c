import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { divideMemory } from '../memory/budget.ts'
import type { TintypeOptions } from '../options.ts'
import { ConfigError } from './error.ts'
import { leastMemory } from './memory.ts'
import { readTintypeOptions, tintypeOptions } from './options.ts'
import { type Options, readOptions } from './read.ts'
import { uploadOptions } from './upload.ts'

const authenticate = () => 'me'
const read = (options: object) => readTintypeOptions({ authenticate, ...options } as TintypeOptions)

/** The sentence that an option is refused with. */
function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof TypeError && error instanceof ConfigError, String(error))
    assert.doesNotMatch(error.message, /hunter2/)
    return error.message
  }
  return 'taken'
}

test('a variant may not be called what its URL would not lead to, in whichever case', () => {
  for (const name of ['image', 'Image', 'ORIGINAL', 'Poster', 'restore']) {
    assert.match(
      refusal(() => read({ variants: { [name]: { width: 99 } } })),
      /means something else in URLs/,
    )
  }
  assert.equal(
    refusal(() => read({ variants: { Images: { width: 99 } } })),
    'taken',
  )
})

test('authenticate has to be given, in words or as a function', () => {
  for (const none of [undefined, {}, { authenticate: undefined }]) {
    assert.match(
      refusal(() => readTintypeOptions(none as TintypeOptions)),
      /^authenticate is missing; write .*'this-machine'/,
    )
  }
  for (const wrong of [null, 'me', 'hunter2', true, {}]) {
    assert.match(
      refusal(() => read({ authenticate: wrong })),
      /^authenticate is .*function.*'this-machine'/,
    )
  }
  for (const nothing of [null, 'x', [], 5]) {
    assert.match(
      refusal(() => readTintypeOptions(nothing as never)),
      /^The argument is .*object with options/,
    )
  }
  assert.equal(read({ authenticate: 'this-machine' }).authenticate, 'this-machine')
})

describe('undefined is the default, wherever it stands', () => {
  const defaults = read({})

  for (const options of [
    { limits: undefined, times: undefined, accept: undefined, origins: undefined },
    { directory: undefined, publicUrl: undefined, claimWithin: undefined, log: undefined, clock: undefined },
    { limits: namesOf(tintypeOptions.limits.rows), times: namesOf(tintypeOptions.times.rows) },
  ]) {
    test(Object.keys(options).join(', '), () => assert.deepEqual(read(options), defaults))
  }

  test('in options of a bucket', () => {
    const { bucket } = read({ bucket: { ...namesOf(tintypeOptions.bucket.rows), name: 'photos' } })
    assert.deepEqual(bucket, read({ bucket: 'photos' }).bucket)
  })

  test('in options of an upload', () => {
    assert.deepEqual(readOptions(uploadOptions, namesOf(uploadOptions)), readOptions(uploadOptions, {}))
  })

  /** All of them, undefined. */
  function namesOf(rows: Options): Record<string, undefined> {
    return Object.fromEntries(Object.keys(rows).map((name) => [name, undefined]))
  }

  test('and no default is missing or endless', () => {
    const { undo, ...times } = defaults.times
    for (const value of Object.values({ ...defaults.limits, ...times })) {
      assert.ok(Number.isSafeInteger(value) && value > 0, String(value))
    }
    // Without a window, what is deleted is gone.
    assert.equal(undo, 0)
  })
})

describe('a name that is not known is refused, with the one that was meant', () => {
  for (const [options, sentence] of [
    [{ limit: {} }, 'limit is not known: did you mean limits?'],
    [{ origin: [] }, 'origin is not known: did you mean origins?'],
    [{ tiems: {} }, 'tiems is not known: did you mean times?'],
    [{ publicURL: 'https://x.example' }, 'publicURL is not known: did you mean publicUrl?'],
    [{ memory: 5 }, 'memory is not known: did you mean limits.memory?'],
    // By what the ready server calls them.
    [{ undoWindow: 5 }, 'undoWindow is not known: did you mean times.undo?'],
    [{ MEMORY_BUDGET: 5 }, 'MEMORY_BUDGET is not known: did you mean limits.memory?'],
    [{ times: { undoWindow: 5 } }, 'times.undoWindow is not known: did you mean times.undo?'],
    [{ imageByte: 5 }, 'imageByte is not known: did you mean limits.imageBytes?'],
    [{ bukcet: undefined }, 'bukcet is not known: did you mean bucket?'],
    [{ limits: { imageByte: 5 } }, 'limits.imageByte is not known: did you mean limits.imageBytes?'],
    [{ limits: { toString: 5 } }, 'limits.toString is not known; there are limits.imageBytes, '],
    [{ times: { sessions: 5 } }, 'times.sessions is not known: did you mean times.session?'],
    [
      { bucket: { name: 'p', credentials: { accessKey: 'hunter2' } } },
      'bucket.credentials.accessKey is not known: did you mean bucket.credentials.accessKeyId?',
    ],
    [{ port: 5 }, 'port is not known; there are authenticate, '],
    [{ somethingElse: 5 }, 'somethingElse is not known; there are authenticate, bucket, '],
  ] as const) {
    test(JSON.stringify(options), () => {
      const said = refusal(() => read(options))
      assert.ok(said.startsWith(sentence), said)
    })
  }
})

describe('what makes no sense is refused by name, with what would be right', () => {
  const numbers = [
    ...Object.keys(tintypeOptions.limits.rows).map((name) => ['limits', name]),
    ...Object.keys(tintypeOptions.times.rows).map((name) => ['times', name]),
  ] as [string, string][]
  for (const [group, name] of numbers) {
    test(`${group}.${name}`, () => {
      for (const wrong of [
        null,
        '5',
        '',
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -1,
        5.5,
        2 ** 53,
        true,
        [5],
        () => 5,
        5n,
      ]) {
        const said = refusal(() => read({ [group]: { [name]: wrong } }))
        assert.match(
          said,
          new RegExp(`^${group}\\.${name} is .*; it has to be a whole number.*(at least|from) \\d`),
        )
      }
    })
  }

  for (const [options, sentence] of [
    [{ limits: null }, /^limits is null; .*object/],
    [{ limits: 5 }, /^limits is 5; .*object/],
    [{ times: [] }, /^times is an empty list; .*object/],
    [{ limits: Promise.resolve({ files: 5 }) }, /^limits is a promise; .*object/],
    [{ limits: new Map([['files', 5]]) }, /^limits is an object; .*object/],
    [{ origins: new Array(1) }, /^origins\[0\] is undefined; .*http:/],
    [
      { bucket: { name: 'photos', credentials: { accessKeyId: 'hunter2\n', secretAccessKey: 'x' } } },
      /^bucket\.credentials\.accessKeyId has a line break, (?!.*hunter2)/,
    ],
    [{ directory: '' }, /^directory is empty; .*folder/],
    [{ directory: 5 }, /^directory is 5; .*folder/],
    [{ directory: null }, /^directory is null; .*folder/],
    [{ database: 5 }, /^database is 5; .*postgres:/],
    [{ bucket: 5 }, /^bucket is 5; .*name/],
    [{ bucket: {} }, /^bucket\.name is missing; was a variable not set\?/],
    [{ bucket: { name: 5 } }, /^bucket\.name is 5; .*name of a bucket/],
    [{ publicUrl: {} }, /^publicUrl is an object; .*https:/],
    [{ accept: ['image/*'] }, /^accept has "image\/\*" in it, but has to be .*image\/jpeg.*video\/mp4/],
    [{ accept: ['jpg'] }, /^accept has "jpg" in it, .*did you mean image\/jpeg\?$/],
    [{ accept: ['image/bmp'] }, /^accept has "image\/bmp" in it, .*video\/matroska\.$/],
    [{ accept: ['image/png', 'image/jpg'] }, /^accept has "image\/jpg" .*did you mean image\/jpeg\?$/],
    [{ accept: [] }, /^accept is an empty list; .*image\/jpeg/],
    [{ accept: 'image/jpeg' }, /^accept is a string; .*list/],
    [{ accept: [undefined] }, /^accept has undefined in it/],
    [{ accept: null }, /^accept is null/],
    [{ origins: ['*'] }, /^origins\[0\] has a \* in it/],
    [{ origins: ['http://localhost:5173', 'https://*.example'] }, /^origins\[1\] has a \* in it/],
    [
      { origins: ['http://localhost:5173/app'] },
      /^origins\[0\] has a path, .*write http:\/\/localhost:5173\./,
    ],
    [{ origins: ['localhost:5173'] }, /^origins\[0\] .*http:\/\/localhost:5173/],
    [{ origins: ['null'] }, /^origins\[0\] is "null"; /],
    [{ origins: ['ftp://x.example'] }, /^origins\[0\] .*http:/],
    [{ origins: ['https://u:hunter2@x.example'] }, /^origins\[0\] has a user or password/],
    [{ origins: [undefined] }, /^origins\[0\] is undefined; .*http:/],
    [{ origins: [5] }, /^origins\[0\] is 5; .*http:/],
    [{ origins: null }, /^origins is null; .*list/],
    [{ log: () => {} }, /^log is a function; .*info, warn and error/],
    [{ log: { info() {} } }, /^log is an object; .*info, warn and error/],
    [{ clock: Date }, /^clock is a function; .*now and after/],
    [{ claimWithin: 0 }, /^claimWithin is 0; .*from 1/],
  ] as [object, RegExp][]) {
    test(JSON.stringify(options), () =>
      assert.match(
        refusal(() => read(options)),
        sentence,
      ),
    )
  }
})

test('what makes sense is taken, in one spelling', () => {
  const given = read({ origins: ['HTTP://LocalHost:5173/'], accept: ['image/png'], limits: { files: 3 } })
  assert.deepEqual(given.origins, ['http://localhost:5173'])
  assert.deepEqual([...given.accept], ['image/png'])
  assert.equal(given.limits.files, 3)
})

test('a budget in which no photo of a phone has room is refused, with the least that makes sense', () => {
  for (const memory of [1, 1024 ** 2, leastMemory - 1]) {
    assert.match(
      refusal(() => read({ limits: { memory } })),
      new RegExp(`^limits\\.memory is .*${leastMemory}`),
    )
  }
  assert.equal(read({ limits: { memory: leastMemory } }).limits.memory, leastMemory)
  assert.ok(divideMemory(leastMemory).uploads > 5 * 1024 ** 2)
})

const skip = import.meta.filename.endsWith('.js') && 'compiled: doc comments of interfaces are gone'
test('each option is told by a doc comment of its interface, with the default that the table has', {
  skip,
}, () => {
  const code = readFileSync(new URL('../options.ts', import.meta.url), 'utf8')
  const rows = { ...tintypeOptions, ...tintypeOptions.limits.rows, ...tintypeOptions.times.rows }
  for (const [name, row] of Object.entries<Options[string]>(rows)) {
    const [, comment] = new RegExp(`/\\*\\*((?:[^*]|\\*(?!/))*)\\*/\\s+${name}\\??:`).exec(code) ?? []
    assert.ok(comment, name)
    const { default: value } = row
    if (typeof value !== 'number' || name === 'memory') continue
    const [, told = ''] = /@default ([\d,]+)( MiB| GiB)?/.exec(comment) ?? []
    const unit = comment.includes(' MiB') ? 1024 ** 2 : comment.includes(' GiB') ? 1024 ** 3 : 1
    assert.equal(Number(told.replaceAll(',', '')) * unit, value, name)
  }
})

test('credentials that the AWS SDK has, too, are taken as it leaves them', async () => {
  const key = { accessKeyId: 'k', secretAccessKey: 's' }
  const credentials = { ...key, accountId: '123456789012', credentialScope: 'us-east-1' }
  const client = new S3Client({ region: 'us-east-1', credentials })
  await client.config.credentials()
  client.destroy()
  assert.ok(Object.hasOwn(credentials, '$source'), 'the SDK writes no $source any more')
  const { bucket } = read({ bucket: { name: 'photos', credentials } })
  assert.partialDeepStrictEqual(bucket?.credentials, key)
  assert.ok(!Object.hasOwn(bucket?.credentials ?? {}, '$source'))
})
