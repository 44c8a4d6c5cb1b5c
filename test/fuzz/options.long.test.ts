import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseConfig } from '../../packages/server/src/config.ts'
import { leastMemory } from '../../packages/tintype/src/settings/memory.ts'
import { readTintypeOptions, tintypeOptions } from '../../packages/tintype/src/settings/options.ts'
import type { Options } from '../../packages/tintype/src/settings/read.ts'
import { fuzz } from '../support/fuzz.ts'

const secret = 'hunter2'
const strange = fc.oneof(
  fc.anything(),
  fc.double(),
  fc.integer(),
  fc.string(),
  fc.constantFrom(undefined, null, '', ' ', '1', Number.NaN, -0, 2 ** 53, [], {}, () => 1),
)

/** Every option with its full name, groups included. */
function namesOf(rows: Options, prefix = ''): string[] {
  return Object.entries(rows).flatMap(([name, row]) => [
    prefix + name,
    ...(row.rows ? namesOf(row.rows, `${prefix + name}.`) : []),
  ])
}

/** `{ a: { b: value } }` of `a.b`. */
function nested(name: string, value: unknown): object {
  return name.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), value) as object
}

function holds(options: object): string {
  try {
    const { limits, times, directory, accept, origins } = readTintypeOptions({
      authenticate: 'this-machine',
      ...options,
    } as never)
    for (const one of [...Object.values(limits), ...Object.values(times)]) {
      assert.ok(Number.isSafeInteger(one) && one >= 0, String(one))
    }
    assert.ok(limits.memory >= leastMemory && limits.files <= 1000 && times.stall <= 604_800)
    assert.ok(directory.trim() !== '' && accept.size > 0 && Array.isArray(origins))
    return ''
  } catch (error) {
    assert.ok(error instanceof TypeError && error.constructor.name === 'ConfigError', String(error))
    assert.match(error.message, /^\S[^\n]*[.?]$/s)
    return error.message
  }
}

test('whatever an option is given: it is refused by its name, or every limit is a limit', () => {
  const names = fc.constantFrom(...namesOf(tintypeOptions))
  fc.assert(
    fc.property(names, strange, (name, value) => {
      const said = holds(nested(name, value))
      const [first = ''] = name.split('.')
      assert.ok(said === '' || said.startsWith(first), said)
    }),
    fuzz(2000),
  )
})

test('a name that is not known is always refused', () => {
  const known = new Set(namesOf(tintypeOptions))
  const groups = fc.constantFrom('', 'limits.', 'times.', 'bucket.')
  fc.assert(
    fc.property(groups, fc.string({ minLength: 1 }), strange, (group, name, value) => {
      if (known.has(group + name) || name.includes('.') || name === '__proto__') return
      const options =
        group === 'bucket.' ? { bucket: { name: 'photos', [name]: value } } : nested(group + name, value)
      assert.match(holds(options), /is not known/)
    }),
    fuzz(500),
  )
})

test('a secret in any place is not shown', () => {
  const about = namesOf(tintypeOptions).filter((name) =>
    /^(bucket|database|authenticate|publicUrl|origins)/.test(name),
  )
  const values = fc.constantFrom(
    `https://u:${secret}@h/x`,
    `postgres:u:${secret}@h/d`,
    `u:${secret}@h`,
    `host=h password=${secret}`,
    [`https://u:${secret}@h`],
    { password: secret },
    { accessKeyId: 'k', secretAccessKey: secret, more: 1 },
  )
  fc.assert(
    fc.property(fc.constantFrom(...about), values, (name, value) => {
      assert.ok(!holds(nested(name, value)).includes(secret))
    }),
    fuzz(500),
  )
})

test('whatever the environment holds: it is refused by the name of a variable, or every limit is a limit', () => {
  const variables = [
    'MAX_FILES',
    'MEMORY_BUDGET',
    'STALL_TIMEOUT',
    'ORIGINS',
    'PORT',
    'S3_PREFIX',
    'S3_BUCKET',
    'S3_SSE',
  ]
  const values = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.constantFrom('1e9', '0x10', '5.5', '10GB', ' 7 '),
  )
  fc.assert(
    fc.property(fc.constantFrom(...variables), values, (name, value) => {
      try {
        const { limits, times, port } = parseConfig({ [name]: value })
        for (const one of [...Object.values(limits), ...Object.values(times), port]) {
          assert.ok(Number.isSafeInteger(one) && one >= 0)
        }
      } catch (error) {
        assert.ok(error instanceof TypeError && error.message.startsWith(name), String(error))
      }
    }),
    fuzz(500),
  )
})
