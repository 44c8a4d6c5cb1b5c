import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBusy } from './send-file.ts'

const answer = (status: number, code: string) => ({
  status,
  text: `<Error><Code>${code}</Code></Error>`,
  header: () => null,
})

test('the storage is busy where it says that the same may be sent again, and not where it refuses', () => {
  for (const [status, code] of [
    [503, 'SlowDown'],
    [500, 'InternalError'],
    [429, 'TooManyRequests'],
    [400, 'RequestTimeout'],
    [409, 'ConditionalRequestConflict'],
    [409, 'OperationAborted'],
  ] as const)
    assert.equal(isBusy(answer(status, code)), true, code)
  for (const [status, code] of [
    [403, 'AccessDenied'],
    [400, 'BadDigest'],
    [412, 'PreconditionFailed'],
  ] as const)
    assert.equal(isBusy(answer(status, code)), false, code)
})
