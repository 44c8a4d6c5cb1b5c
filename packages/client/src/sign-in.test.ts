import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeferred } from './older-browsers.ts'
import { created, problem, type Reply, startServer } from './testing/server.ts'
import type { UploadItem } from './upload-item.ts'
import { createUploads, type Uploads } from './uploads.ts'

const files = (...names: string[]) => names.map((name) => new File(['abc'], name))
const states = ({ items }: Uploads) => items.map((item) => item.state)
const refused = problem(401, 'unauthenticated', 'Sign in.')

/** Resolves as soon as the store is as wanted. */
const until = (uploads: Uploads, wanted: (items: readonly UploadItem[]) => boolean) => {
  const { promise, resolve } = createDeferred<void>()
  const check = () => wanted(uploads.items) && resolve()
  const leave = uploads.subscribe(check)
  check()
  return promise.finally(leave)
}
const allDone = (items: readonly UploadItem[]) => items.every(({ state }) => state === 'done')

/** A server that knows one token at a time, and the queue that asks for it. */
async function startSession() {
  let token = 'old'
  const server = await startServer((response, seen) =>
    (seen.headers.authorization === token ? created : refused)(response, seen),
  )
  const headers: Record<string, string> = { Authorization: 'old' }
  let asked = 0
  let answer = createDeferred<void>()
  const uploads = createUploads({
    endpoint: server.endpoint,
    headers,
    signIn() {
      asked++
      answer = createDeferred()
      return answer.promise
    },
  })
  return {
    uploads,
    server,
    asked: () => asked,
    end: () => {
      token += '+'
    },
    signIn() {
      headers.Authorization = token
      answer.resolve()
    },
    refuse: () => answer.reject(new Error('nobody there')),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

test('files that find the session at its end wait for one sign-in and go on, in order', async () => {
  await using world = await startSession()
  const { uploads, server } = world
  uploads.add(files('a.png'))
  await until(uploads, allDone)
  world.end()
  uploads.add(files(...'bcdefgh'))
  await until(uploads, (items) => items.filter(({ error }) => error).length === 3)
  // The others don't carry their bodies to a door that is known to be shut.
  assert.equal(server.seen.length, 4)
  assert.deepEqual(states(uploads), ['done', ...Array(7).fill('queued')])
  assert.equal(uploads.items[1]?.error?.code, 'unauthenticated')
  world.signIn()
  await until(uploads, allDone)
  assert.equal(world.asked(), 1)
  assert.equal(uploads.items[1]?.error, undefined)
  const keys = server.seen.slice(1).map(({ key }) => key)
  assert.equal(new Set(keys).size, 7)
})

test('a 401 to a request from before the sign-in does not ask a second time', async () => {
  const late = createDeferred<void>()
  let signedIn = false
  let asked = 0
  const reply: Reply = async (response, seen) => {
    const may = signedIn
    if (seen.body.includes('"slow.png"') && !may) await late.promise
    ;(may ? created : refused)(response, seen)
  }
  await using server = await startServer(reply)
  const uploads = createUploads({
    endpoint: server.endpoint,
    async signIn() {
      asked++
      signedIn = true
    },
  })
  uploads.add(files('slow.png', 'b.png'))
  await until(uploads, (items) => items[1]?.state === 'done')
  late.resolve()
  await until(uploads, allDone)
  assert.equal(asked, 1)
})

test('a session that ends again is asked for again', async () => {
  await using world = await startSession()
  const { uploads } = world
  for (const round of [1, 2]) {
    world.end()
    uploads.add(files(`${round}.png`))
    await until(uploads, () => world.asked() === round)
    world.signIn()
    await until(uploads, allDone)
  }
})

test('without a sign-in the files fail with the reason; one that was paused meanwhile stays paused', async () => {
  await using world = await startSession()
  const { uploads } = world
  world.end()
  uploads.add(files('a.png', 'b.png'))
  await until(uploads, (items) => items.every(({ error }) => error))
  uploads.pause((uploads.items[1] as UploadItem).id)
  world.refuse()
  await until(uploads, (items) => items[0]?.state === 'failed')
  assert.deepEqual(states(uploads), ['failed', 'paused'])
  assert.equal(uploads.items[0]?.error?.message, 'Sign in.')
})

test('without a way to sign in a 401 is a failure, as ever', async () => {
  await using server = await startServer(refused)
  const uploads = createUploads({ endpoint: server.endpoint })
  uploads.add(files('a.png'))
  await until(uploads, (items) => items[0]?.state === 'failed')
})
