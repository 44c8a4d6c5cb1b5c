import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Statement } from './document.ts'
import { evaluate, type RequestFacts } from './index.ts'

type Context = RequestFacts['context']

/** Whether a statement with this condition applies: asked as an Allow and as a Deny. */
function applies(Condition: NonNullable<Statement['Condition']>, context: Context): boolean | 'unknown' {
  const statement = { Action: '*', Resource: '*', Condition }
  const facts = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context }
  const decide = (Effect: 'Allow' | 'Deny') =>
    evaluate([{ Version: '2012-10-17', Statement: [{ Effect, ...statement }] }], facts)
  const [allows, denies] = [decide('Allow') === 'allow', decide('Deny') === 'deny']
  return allows === denies ? allows : 'unknown'
}

/** Operator, the policy's values, the request's value, and whether they match. */
type Row = [operator: string, policy: string | number | boolean | string[], request: string, matches: boolean]

const rows: Row[] = [
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEquals', ['a', 'b'], 'b', true],
  ['StringEquals', 'a*', 'ab', false],
  ['StringEquals', true, 'true', true],
  ['StringNotEquals', 'a', 'b', true],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringEqualsIgnoreCase', 'Private', 'pRIVATE', true],
  ['StringNotEqualsIgnoreCase', 'Private', 'pRIVATE', false],
  ['StringLike', 'home/*', 'home/ann', true],
  ['StringLike', 'home/?', 'home/ann', false],
  ['StringLike', '', '', true],
  ['StringNotLike', ['home/*', 'tmp/*'], 'tmp/x', false],
  ['StringNotLike', 'home/*', 'tmp/x', true],
  ['NumericEquals', 10, '10', true],
  ['NumericEquals', '10', '10.0', true],
  ['NumericNotEquals', 10, '11', true],
  ['NumericLessThan', 10, '10', false],
  ['NumericLessThanEquals', 10, '10', true],
  ['NumericGreaterThan', 10, '9', false],
  ['NumericGreaterThan', 10, '100', true],
  ['NumericGreaterThanEquals', 10, '10', true],
  ['DateLessThan', '2030-01-01T00:00:00Z', '2029-12-31T23:59:59Z', true],
  ['DateGreaterThan', '2030-01-01', '2029-12-31T23:59:59Z', false],
  ['DateEquals', '2030-01-01T01:00:00+01:00', '2030-01-01T00:00:00Z', true],
  ['DateGreaterThanEquals', 1893456000, '2030-01-01T00:00:00Z', true],
  ['Bool', 'true', 'true', true],
  ['Bool', false, 'true', false],
  ['IpAddress', '192.0.2.0/24', '192.0.2.77', true],
  ['IpAddress', ['10.0.0.0/8', '192.0.2.1'], '192.0.2.2', false],
  ['IpAddress', '192.0.2.0/24', '::ffff:192.0.2.77', true],
  ['IpAddress', '2001:db8::/32', '2001:db8:1::1', true],
  ['IpAddress', '0.0.0.0/0', '203.0.113.9', true],
  ['NotIpAddress', '192.0.2.0/24', '192.0.2.77', false],
  ['NotIpAddress', '192.0.2.0/24', '198.51.100.1', true],
  ['ArnLike', 'arn:aws:iam::*:user/a*', 'arn:aws:iam::1:user/ann', true],
  ['ArnLike', 'arn:aws:*:::user/ann', 'arn:aws:iam::1:user/ann', false],
  ['ArnNotEquals', 'arn:aws:iam::1:user/ann', 'arn:aws:iam::1:user/bob', true],
]

describe('operators', () => {
  for (const [operator, policy, request, expected] of rows) {
    test(`${operator} ${JSON.stringify(policy)}: ${JSON.stringify(request)} ${expected ? 'matches' : 'does not'}`, () => {
      assert.equal(applies({ [operator]: { 's3:key': policy } }, { 's3:key': request }), expected)
    })
  }

  test('variables stand in for values', () => {
    const ann = { 'aws:username': 'ann', 's3:prefix': 'home/ann/x' }
    assert.equal(applies({ StringLike: { 's3:prefix': `home/\${aws:username}/*` } }, ann), true)
    assert.equal(applies({ StringEquals: { 's3:prefix': `home/\${aws:username}/x` } }, ann), true)
    assert.equal(applies({ StringEquals: { 's3:prefix': `home/\${aws:userid}/x` } }, ann), false)
  })

  test('names of context keys match in any letter case, names of operators do not', () => {
    assert.equal(
      applies({ Bool: { 'AWS:secureTransport': 'true' } }, { 'aws:SecureTransport': 'true' }),
      true,
    )
    assert.equal(applies({ stringequals: { 's3:prefix': 'a' } }, { 's3:prefix': 'a' }), 'unknown')
  })

  test('every operator and every key has to match', () => {
    const context = { 's3:prefix': 'a', 's3:delimiter': '/' }
    assert.equal(applies({ StringEquals: { 's3:prefix': 'a', 's3:delimiter': '/' } }, context), true)
    assert.equal(applies({ StringEquals: { 's3:prefix': 'a', 's3:delimiter': '|' } }, context), false)
    const both = { StringEquals: { 's3:prefix': 'a' }, StringNotEquals: { 's3:delimiter': '/' } }
    assert.equal(applies(both, context), false)
  })

  test('what cannot be compared never allows, and in a Deny denies', () => {
    assert.equal(applies({ NumericLessThan: { 's3:max-keys': 10 } }, { 's3:max-keys': 'ten' }), 'unknown')
    assert.equal(
      applies({ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, { 'aws:SourceIp': 'here' }),
      'unknown',
    )
    const decided = { NumericLessThan: { 's3:max-keys': 10 }, StringEquals: { 's3:prefix': 'b' } }
    assert.equal(applies(decided, { 's3:max-keys': 'ten', 's3:prefix': 'a' }), false)
  })
})

describe('absent keys', () => {
  test('fulfil no operator but the Not ones', () => {
    assert.equal(applies({ StringEquals: { 's3:prefix': 'a' } }, {}), false)
    assert.equal(applies({ StringLike: { 's3:prefix': '*' } }, { 's3:prefix': undefined }), false)
    assert.equal(applies({ StringNotEquals: { 's3:prefix': 'a' } }, {}), true)
    assert.equal(applies({ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {}), true)
  })

  test('fulfil every IfExists, which otherwise compares as without it', () => {
    assert.equal(applies({ StringEqualsIfExists: { 's3:prefix': 'a' } }, {}), true)
    assert.equal(applies({ StringEqualsIfExists: { 's3:prefix': 'a' } }, { 's3:prefix': 'b' }), false)
    assert.equal(applies({ BoolIfExists: { 'aws:SecureTransport': 'true' } }, {}), true)
  })

  test('are what Null asks for', () => {
    assert.equal(applies({ Null: { 's3:prefix': 'true' } }, {}), true)
    assert.equal(applies({ Null: { 's3:prefix': 'true' } }, { 's3:prefix': '' }), false)
    assert.equal(applies({ Null: { 's3:prefix': false } }, { 's3:prefix': 'a' }), true)
    assert.equal(applies({ NullIfExists: { 's3:prefix': 'true' } }, {}), 'unknown')
  })
})

describe('keys with several values', () => {
  const tags = (...values: string[]) => ({ 'aws:TagKeys': values })

  test('ForAnyValue needs one that matches', () => {
    const any = { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } }
    assert.equal(applies(any, tags('x', 'b')), true)
    assert.equal(applies(any, tags('x')), false)
    assert.equal(applies(any, tags()), false)
    assert.equal(applies(any, {}), false)
    assert.equal(applies({ 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, tags('a', 'b')), true)
  })

  test('ForAllValues needs all to match, and is fulfilled by none', () => {
    const all = { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a*', 'b*'] } }
    assert.equal(applies(all, tags('a1', 'b1')), true)
    assert.equal(applies(all, tags('a1', 'c1')), false)
    assert.equal(applies(all, {}), true)
    assert.equal(applies({ 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } }, tags('a', 'b')), false)
  })

  test('without either the answer is unknown', () => {
    assert.equal(applies({ StringEquals: { 'aws:TagKeys': 'a' } }, tags('a', 'b')), 'unknown')
    assert.equal(applies({ StringEquals: { 'aws:TagKeys': 'a' } }, tags('a')), true)
  })
})
