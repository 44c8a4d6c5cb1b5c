import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Adapter, Refused } from './adapter.ts'
import { startClients } from './clients.ts'
import { createFiles } from './files.ts'
import { createJournal, type FileStory } from './journal.ts'
import { createRandom } from './random.ts'

// By the number that the client draws.
const dice = { photo: 0.5, page: 0.05 }

for (const [kind, outcome] of [
  ['photo', 'unknown'],
  ['page', 'refused'],
] as const)
  test(`a ${kind} that is refused after a request without an answer is ${outcome}`, async () => {
    assert.equal((await sendOne(dice[kind], ['no answer', 'refused'])).outcome, outcome)
  })

test('a photo that is refused at once is refused', async () => {
  assert.equal((await sendOne(dice.photo, ['refused'])).outcome, 'refused')
})

/** What is known of the file that one client sends, by what it is answered. */
async function sendOne(next: number, answers: ('no answer' | 'refused')[]): Promise<FileStory> {
  const journal = createJournal()
  const random = { ...createRandom(1), next: () => next, chance: () => false }
  const done = Promise.withResolvers<void>()
  const adapter = {
    async upload() {
      if (answers.shift() === 'no answer') throw new Error('cut')
      done.resolve()
      throw new Refused(400, 'no')
    },
  } as Partial<Adapter> as Adapter
  const files = createFiles(1, random)
  const clients = startClients({
    count: 1,
    adapter,
    journal,
    files,
    random,
    url: async () => 'http://127.0.0.1',
    onEvent: () => {},
    onAnswer: () => {},
  })
  await done.promise
  await clients.stop()
  return [...journal.files.values()][0] as FileStory
}
