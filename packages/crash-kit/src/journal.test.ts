import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJournal } from './journal.ts'

test('what is told of a key: the requests for it and the kill that followed, or that there were none', () => {
  const journal = createJournal()
  journal.note('s3', { key: 'a', operation: 'PutObject', fault: 'late' })
  journal.note('kill', { how: 'at a random moment' })
  assert.match(
    journal.storyOf('a'),
    /^\d+ ms: PutObject \(late\); \d+ ms: the backend was killed, at a random moment$/,
  )
  assert.equal(journal.storyOf('b'), 'No request whose address has this key was seen')
})
