import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canonical } from './canonical.ts'
import { type Paint, renderPlan, type Step } from './plan.ts'

const plain: Paint = (_, text) => text

describe('the plan to read', () => {
  test('shows what comes, what goes and what stays, line by line', () => {
    const resource = {
      type: 'cors' as const,
      name: 'b',
      body: { CORSRules: [rule(['https://new.example'])] },
    }
    const steps: Step[] = [
      { resource: { type: 'user', name: 'u', body: {} }, observed: { body: undefined }, action: 'create' },
      { resource, observed: { body: { CORSRules: [rule(['https://old.example'])] } }, action: 'update' },
      {
        resource: { type: 'bucket', name: 'b', body: { Region: 'eu-central-1' } },
        observed: { body: { Region: 'eu-central-1' }, notes: ['A note.'] },
        action: 'keep',
      },
    ]
    assert.equal(
      renderPlan(steps, plain),
      `+ IAM user u
~ CORS of bucket b
      CORSRules
        ID: tintype
    -   AllowedOrigins: https://old.example
    +   AllowedOrigins: https://new.example
        AllowedMethods: GET, PUT
  bucket b: as it should be
    ! A note.

1 to make, 1 to change, 1 as it should be.
`,
    )
  })

  test('says so when there is nothing to do', () => {
    const body = { Region: 'eu-central-1' }
    const step: Step = { resource: { type: 'bucket', name: 'b', body }, observed: { body }, action: 'keep' }
    assert.match(renderPlan([step], plain), /Nothing to do: everything is as it should be\.\n$/)
  })
})

describe('documents are compared', () => {
  test('by what they mean to AWS: order of keys and of words, lists of one', () => {
    const ours = { Action: ['s3:PutObject', 's3:GetObject'], Resource: ['arn:aws:s3:::b/*'], Effect: 'Allow' }
    const theirs = { Effect: 'Allow', Resource: 'arn:aws:s3:::b/*', Action: ['s3:GetObject', 's3:PutObject'] }
    assert.equal(canonical(ours), canonical(theirs))
  })

  test('and one action more or less is a difference', () => {
    assert.notEqual(canonical({ Action: ['a'] }), canonical({ Action: ['a', 'b'] }))
  })
})

function rule(AllowedOrigins: string[]) {
  return { ID: 'tintype', AllowedOrigins, AllowedMethods: ['GET', 'PUT'] } as never
}
