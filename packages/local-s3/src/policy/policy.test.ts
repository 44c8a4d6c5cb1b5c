import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PolicyDocument, Statement } from './document.ts'
import { evaluate, PolicyError, parsePolicy } from './index.ts'

const version = '2012-10-17'
const allowAll: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }

/** The decision for GetObject on b/home/ann/a.txt by ann. */
function decide(
  statements: Statement[],
  facts: { action?: string; resource?: string; principal?: string } = {},
) {
  return evaluate([{ Version: version, Statement: statements }], {
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::b/home/ann/a.txt',
    context: { 'aws:username': 'ann' },
    ...facts,
  })
}

describe('decisions', () => {
  test('nothing that speaks of a request is no permission', () => {
    assert.equal(decide([]), 'none')
    assert.equal(decide([{ ...allowAll, Action: 's3:PutObject' }]), 'none')
    assert.equal(evaluate([], { action: 's3:GetObject', resource: 'arn:aws:s3:::b', context: {} }), 'none')
  })

  test('an explicit Deny wins over any Allow, in whatever order and document', () => {
    const deny: Statement = { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }
    assert.equal(decide([allowAll, deny]), 'deny')
    assert.equal(decide([deny, allowAll]), 'deny')
    const facts = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {} }
    assert.equal(evaluate([{ Statement: allowAll }, { Statement: deny }], facts), 'deny')
    assert.equal(evaluate([{ Statement: deny }, { Statement: allowAll }], facts), 'deny')
  })

  test('a Statement may stand alone, without a list', () => {
    const facts = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {} }
    assert.equal(evaluate([{ Statement: allowAll }], facts), 'allow')
  })
})

describe('Action and Resource', () => {
  const allows = (statement: Partial<Statement>, facts = {}) =>
    decide([{ Effect: 'Allow', Action: '*', Resource: '*', ...statement }], facts) === 'allow'

  test('actions match with wildcards and in any letter case', () => {
    for (const Action of ['s3:GetObject', 's3:getobject', 'S3:Get*', 's3:*', '*', 's3:?etObject']) {
      assert(allows({ Action }), Action)
    }
    for (const Action of ['s3:GetObjectVersion', 's3:Get', 's3:?GetObject', 'ec2:*']) {
      assert(!allows({ Action }), Action)
    }
    assert(allows({ Action: ['s3:PutObject', 's3:GetObject'] }))
  })

  test('resources match with wildcards that reach past slashes, letter case mattering', () => {
    for (const Resource of [
      '*',
      'arn:aws:s3:::*',
      'arn:aws:s3:::b/*',
      'arn:aws:s3:::?/*.txt',
      'arn:aws:s3:::b/*a*a*',
    ]) {
      assert(allows({ Resource }), Resource)
    }
    for (const Resource of [
      'arn:aws:s3:::b',
      'arn:aws:s3:::b/Home/*',
      'arn:aws:s3:::b/home/ann/',
      'arn:aws:s3:::??/*',
    ]) {
      assert(!allows({ Resource }), Resource)
    }
  })

  test('NotAction and NotResource match all the rest', () => {
    const not = (statement: Partial<Statement>) => decide([{ Effect: 'Allow', ...statement }])
    assert.equal(not({ NotAction: 's3:Put*', Resource: '*' }), 'allow')
    assert.equal(not({ NotAction: ['s3:Put*', 's3:Get*'], Resource: '*' }), 'none')
    assert.equal(not({ Action: '*', NotResource: 'arn:aws:s3:::other/*' }), 'allow')
    assert.equal(not({ Action: '*', NotResource: 'arn:aws:s3:::b/*' }), 'none')
  })

  test('a wildcard pattern made to be slow is not', () => {
    const resource = `arn:aws:s3:::b/${'a'.repeat(1024)}`
    assert(!allows({ Resource: `arn:aws:s3:::b/${'a*'.repeat(100)}b` }, { resource }))
  })
})

describe('policy variables', () => {
  const own: Statement = { Effect: 'Allow', Action: '*', Resource: `arn:aws:s3:::b/home/\${aws:username}/*` }

  test('a variable takes its value from the request', () => {
    assert.equal(decide([own]), 'allow')
    assert.equal(decide([own], { resource: 'arn:aws:s3:::b/home/bob/a.txt' }), 'none')
  })

  test('wildcards in a value are text', () => {
    const facts = {
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/home/ann/a.txt',
      context: { 'aws:username': '*' },
    }
    assert.equal(evaluate([{ Version: version, Statement: own }], facts), 'none')
    const star = { ...facts, resource: 'arn:aws:s3:::b/home/*/a.txt' }
    assert.equal(evaluate([{ Version: version, Statement: own }], star), 'allow')
  })

  test('a variable without a value matches nothing, unless it has a default', () => {
    const facts = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/home/guest/a', context: {} }
    assert.equal(evaluate([{ Version: version, Statement: own }], facts), 'none')
    const Resource = `arn:aws:s3:::b/home/\${aws:username, 'guest'}/*`
    assert.equal(evaluate([{ Version: version, Statement: { ...own, Resource } }], facts), 'allow')
  })

  test('escaped wildcards are text', () => {
    const Resource = `arn:aws:s3:::b/\${*}\${?}\${$}`
    assert.equal(decide([{ ...own, Resource }], { resource: 'arn:aws:s3:::b/*?$' }), 'allow')
    assert.equal(decide([{ ...own, Resource }], { resource: 'arn:aws:s3:::b/abc' }), 'none')
  })

  test('policies older than 2012-10-17 have no variables', () => {
    const facts = {
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/home/ann/a',
      context: { 'aws:username': 'ann' },
    }
    assert.equal(evaluate([{ Statement: own }], facts), 'none')
    assert.equal(
      evaluate([{ Statement: own }], { ...facts, resource: `arn:aws:s3:::b/home/\${aws:username}/a` }),
      'allow',
    )
  })
})

describe('Principal', () => {
  const ann = 'arn:aws:iam::000000000000:user/ann'
  const by = (statement: Partial<Statement>, principal?: string) =>
    decide([{ ...allowAll, ...statement }], principal === undefined ? {} : { principal })

  test('everybody, or who is named', () => {
    assert.equal(by({ Principal: '*' }), 'allow')
    assert.equal(by({ Principal: { AWS: '*' } }, ann), 'allow')
    assert.equal(by({ Principal: { AWS: ['someone', ann] } }, ann), 'allow')
    assert.equal(by({ Principal: { AWS: 'someone' } }, ann), 'none')
    assert.equal(by({ Principal: { AWS: ann } }), 'none')
    assert.equal(by({ Principal: { Service: 'logging.s3.amazonaws.com' } }, ann), 'none')
  })

  test('NotPrincipal denies all others', () => {
    const only: Statement = { Effect: 'Deny', NotPrincipal: { AWS: ann }, Action: '*', Resource: '*' }
    assert.equal(decide([allowAll, only], { principal: ann }), 'allow')
    assert.equal(decide([allowAll, only], { principal: 'bob' }), 'deny')
  })
})

describe('what is not understood', () => {
  const wrong: [string, object][] = [
    ['an unknown element', { Conditions: {} }],
    ['an unknown operator', { Condition: { StringResembles: { 's3:prefix': 'a' } } }],
    ['a number that is none', { Condition: { NumericEquals: { 's3:max-keys': 'ten' } } }],
    ['an address that is none', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } }],
    ['a time that is none', { Condition: { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } } }],
    ['an action without its service', { Action: 'GetObject' }],
    ['an action that is not text', { Action: 7 }],
    ['an empty list of actions', { Action: [] }],
    ['a resource that is no ARN', { Resource: 'b/*' }],
    ['both Action and NotAction', { NotAction: 's3:PutObject' }],
    ['an unknown type of principal', { Principal: { Everyone: '*' } }],
    ['an operator without keys', { Condition: { StringEquals: 'a' } }],
    ['a key without values', { Condition: { StringEquals: { 's3:prefix': [] } } }],
    ['a null value', { Condition: { StringEquals: { 's3:prefix': null } } }],
  ]
  for (const [what, part] of wrong) {
    test(`${what} never allows, in a Deny it denies, and it cannot be set`, () => {
      const statement = { ...allowAll, ...part } as Statement
      assert.equal(decide([statement]), 'none')
      assert.equal(decide([statement, allowAll]), 'allow')
      assert.equal(decide([allowAll, { ...statement, Effect: 'Deny' }]), 'deny')
      assert.throws(() => parsePolicy({ Version: version, Statement: [statement] }), PolicyError)
    })
  }

  test('an Effect that is neither Allow nor Deny denies', () => {
    assert.equal(decide([allowAll, { ...allowAll, Effect: 'allow' as 'Allow' }]), 'deny')
    assert.equal(decide([allowAll, null as unknown as Statement]), 'deny')
  })

  test('a document that is malformed around its statements denies', () => {
    const facts = { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', context: {} }
    for (const document of [
      null,
      [],
      {},
      { Version: '2020-01-01', Statement: allowAll },
      { Statement: allowAll, X: 1 },
    ]) {
      assert.equal(evaluate([{ Statement: allowAll }, document as PolicyDocument], facts), 'deny')
      assert.throws(() => parsePolicy(document as object), PolicyError)
    }
  })
})

describe('parsePolicy', () => {
  test('takes text or parsed JSON and gives the document', () => {
    const document = { Version: version, Id: 'x', Statement: [{ Sid: 'a', ...allowAll }] }
    assert.deepEqual(parsePolicy(JSON.stringify(document)), document)
    assert.equal(parsePolicy(document), document)
  })

  test('says what is wrong in a sentence', () => {
    assert.throws(() => parsePolicy('{'), { name: 'PolicyError', message: 'The policy is not valid JSON.' })
    assert.throws(() => parsePolicy({ Statement: { ...allowAll, Action: 'GetObject' } }), {
      message: 'Action has an invalid value GetObject.',
    })
  })

  test("a bucket's policy needs a Principal, an identity's must have none", () => {
    const named = { Statement: { ...allowAll, Principal: '*' } }
    assert.equal(parsePolicy(named, 'bucket'), named)
    assert.throws(() => parsePolicy(named, 'identity'), PolicyError)
    assert.throws(() => parsePolicy({ Statement: allowAll }, 'bucket'), PolicyError)
  })
})
