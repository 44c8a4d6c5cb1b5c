import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkPostPolicy } from './post-policy.ts'

const now = Date.parse('2030-01-01T00:00:00Z')
const expiration = '2030-01-01T00:01:00Z'
const fields = { bucket: 'b', key: 'user/a.jpg' }
const covered = [{ bucket: 'b' }, ['starts-with', '$key', 'user/']]

/** `ok` or the error code of a form under these conditions. */
function verdict(conditions: unknown, form: Record<string, string> = fields, size?: number) {
  const checked = checkPostPolicy(JSON.stringify({ expiration, conditions }), form, size, now)
  return checked.ok ? 'ok' : checked.code
}

describe('conditions', () => {
  test('a form that fulfils them all passes', () => {
    assert.equal(verdict(covered), 'ok')
    assert.equal(verdict([{ bucket: 'b', key: 'user/a.jpg' }]), 'ok')
    assert.equal(verdict([...covered, ['eq', '$acl', 'private']], { ...fields, acl: 'private' }), 'ok')
  })

  test('one that is not fulfilled, or whose field is absent, refuses the form', () => {
    assert.equal(verdict([{ bucket: 'other' }, ['starts-with', '$key', 'user/']]), 'AccessDenied')
    assert.equal(verdict([{ bucket: 'b' }, ['starts-with', '$key', 'USER/']]), 'AccessDenied')
    assert.equal(verdict([...covered, ['eq', '$acl', 'private']]), 'AccessDenied')
    assert.equal(verdict([...covered, ['starts-with', '$content-type', '']]), 'AccessDenied')
  })

  test('two conditions on one field both count', () => {
    assert.equal(verdict([...covered, ['eq', '$key', 'user/b.jpg']]), 'AccessDenied')
  })

  test('starts-with an empty text takes any value', () => {
    assert.equal(verdict([{ bucket: 'b' }, ['starts-with', '$key', '']]), 'ok')
  })

  test('letter case of operators and field names does not matter', () => {
    assert.equal(
      verdict([{ BUCKET: 'b' }, ['Starts-With', '$KEY', 'user/']], { bUCKET: 'b', Key: 'user/a' }),
      'ok',
    )
  })

  test('each item of a list of content types has to start as asked', () => {
    const images = [...covered, ['starts-with', '$Content-Type', 'image/']]
    assert.equal(verdict(images, { ...fields, 'Content-Type': 'image/png, image/jpeg' }), 'ok')
    assert.equal(verdict(images, { ...fields, 'Content-Type': 'image/png,text/html' }), 'AccessDenied')
  })

  test('each field needs a condition, except the documented ones', () => {
    assert.equal(verdict(covered, { ...fields, 'x-amz-meta-a': '1' }), 'AccessDenied')
    assert.equal(verdict(covered, { ...fields, 'x-amz-credential': 'k' }), 'AccessDenied')
    const exempt = { policy: 'p', 'X-Amz-Signature': 's', file: 'f', 'x-ignore-anything': '1' }
    assert.equal(verdict(covered, { ...fields, ...exempt }), 'ok')
    assert.equal(verdict([['starts-with', '$key', '']]), 'AccessDenied')
  })

  test('the message names the condition or the fields', () => {
    const failed = checkPostPolicy(JSON.stringify({ expiration, conditions: [{ key: 'x' }] }), fields, 0, now)
    assert.deepEqual(failed, {
      ok: false,
      code: 'AccessDenied',
      message: 'Invalid according to Policy: Policy Condition failed: ["eq","$key","x"]',
    })
    const extra = checkPostPolicy(
      JSON.stringify({ expiration, conditions: covered }),
      { ...fields, a: '' },
      0,
      now,
    )
    assert(!extra.ok && extra.message.endsWith('Extra input fields: a'))
  })
})

describe('content-length-range', () => {
  const ranged = [...covered, ['content-length-range', 10, 20]]

  test('both ends belong to the range', () => {
    assert.equal(verdict(ranged, fields, 10), 'ok')
    assert.equal(verdict(ranged, fields, 20), 'ok')
    assert.equal(verdict(ranged, fields, 9), 'EntityTooSmall')
    assert.equal(verdict(ranged, fields, 21), 'EntityTooLarge')
  })

  test('an unknown size passes, with the range to be kept', () => {
    const checked = checkPostPolicy(
      JSON.stringify({ expiration, conditions: ranged }),
      fields,
      undefined,
      now,
    )
    assert.deepEqual(checked, { ok: true, lengthRange: { min: 10, max: 20 } })
  })

  test('several ranges hold together', () => {
    assert.equal(verdict([...ranged, ['content-length-range', 15, 30]], fields, 12), 'EntityTooSmall')
  })

  test('two whole numbers of bytes are required', () => {
    for (const range of [[10], [-1, 10], [1.5, 10], ['a', 10], [0, 1, 2]]) {
      assert.equal(
        verdict([...covered, ['content-length-range', ...range]], fields, 10),
        'InvalidPolicyDocument',
      )
    }
  })
})

describe('the document', () => {
  test('is refused once expired', () => {
    const policy = JSON.stringify({ expiration, conditions: covered })
    const late = checkPostPolicy(policy, fields, 0, Date.parse(expiration))
    assert(!late.ok && late.code === 'AccessDenied' && late.message.includes('expired'))
  })

  test('is refused when it is malformed', () => {
    const documents = [
      '{',
      '[]',
      JSON.stringify({ conditions: covered }),
      JSON.stringify({ expiration }),
      JSON.stringify({ EXPIRATION: expiration, conditions: covered }),
      JSON.stringify({ expiration, CONDITIONS: covered }),
      JSON.stringify({ expiration: '2030-01-01 00:01:00+00:00', conditions: covered }),
      JSON.stringify({ expiration: '2030-13-01T00:01:00Z', conditions: covered }),
      JSON.stringify({ expiration, conditions: { bucket: 'b' } }),
    ]
    for (const document of documents) {
      const checked = checkPostPolicy(document, fields, 0, now)
      assert(!checked.ok && checked.code === 'InvalidPolicyDocument', document)
    }
  })

  test('is refused when a condition is not understood', () => {
    const conditions = [
      {},
      [],
      ['eq', '$key'],
      ['eq', 'key', 'a'],
      ['ends-with', '$key', 'a'],
      'key',
      null,
      { key: 1 },
    ]
    for (const condition of conditions) {
      assert.equal(verdict([...covered, condition]), 'InvalidPolicyDocument', JSON.stringify(condition))
    }
  })
})
