import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { startProgram } from './process.ts'

const path = process.env.PATH ?? ''

test('what a program has started is killed with it', async () => {
  // As `npm start` does: the server is a child of it. It has the other end of stdout, too.
  const { promise: started, resolve: onLine } = Promise.withResolvers<string>()
  const command = ['sh', '-c', 'sleep 100 & echo started; wait']
  const program = startProgram(command, { env: { PATH: path }, onLine })
  const closed = once(program.child, 'close')
  await started
  await program.kill()
  await closed
})

test('a program that does not exist has ended, and can be killed', async () => {
  const program = startProgram(['no-such-program'], { env: { PATH: path } })
  await assert.rejects(program.ended, /ENOENT/)
  await program.kill()
})
