import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createBrowserSessions } from '../../packages/server/src/people/browser-sessions.ts'
import { createPeople } from '../../packages/server/src/people/people.ts'
import { openPeopleDatabase } from '../../packages/server/src/records/people-database.ts'
import { type Clock, systemClock } from '../../packages/tintype/src/clock.ts'
import { photo } from '../media/photos.ts'
import { skipWithoutPostgres } from '../support/postgres.ts'
import { mediaOf, upload } from '../support/server.ts'
import { cookieOf, type FamilyServer, password, startFamily } from './family.ts'

const token = 'a token that is long enough'

describe('several people', () => {
  let family: FamilyServer
  const session = async (Cookie: string) =>
    (await fetch(`${family.server.url}/session`, { headers: { Cookie } })).json()
  const list = async (headers: Record<string, string>) =>
    (
      (await (await fetch(`${family.server.url}/api/media`, { headers })).json()) as {
        media: { id: string }[]
      }
    ).media

  before(async () => {
    family = await startFamily({ TINTYPE_TOKEN: token, RATE_SIGN_IN: 'off' }, ['Ann'])
  })
  after(() => family[Symbol.asyncDispose]())

  test('each sees their own photos; the first has those of the access token', async () => {
    const { server } = family
    const [ann, bob] = [await family.join('Ann'), await family.join('Bob')]
    const bearer = { Authorization: `Bearer ${token}` }
    const old = await mediaOf(await upload(server.url, { bytes: await photo() }, { headers: bearer }))
    const his = await mediaOf(
      await upload(server.url, { bytes: await photo() }, { headers: { Cookie: bob } }),
    )
    assert.deepEqual(
      (await list({ Cookie: ann })).map(({ id }) => id),
      [old.id],
    )
    assert.deepEqual(
      (await list(bearer)).map(({ id }) => id),
      [old.id],
    )
    assert.deepEqual(
      (await list({ Cookie: bob })).map(({ id }) => id),
      [his.id],
    )
    const others = await fetch(`${server.url}/api/media/${old.id}/original`, { headers: { Cookie: bob } })
    assert.equal(others.status, 404)
    // What concerns all photos together is for the first one alone.
    for (const path of ['/metrics', '/debug']) {
      assert.equal((await fetch(server.url + path, { headers: { Cookie: bob } })).status, 401, path)
      assert.equal((await fetch(server.url + path, { headers: { Cookie: ann } })).status, 200, path)
    }
  })

  test('sign in by name, however it is written, and are told who they are', async () => {
    await family.join('Cleo')
    const response = await family.signIn(' cLEO ', password)
    assert.equal(response.status, 204)
    const setCookie = response.headers.get('set-cookie') ?? ''
    assert.match(setCookie, /^tintype_session=[\w-]{22}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/)
    const ways = ['password', 'token']
    const cookie = cookieOf(response)
    assert.deepEqual(await session(cookie), {
      signedIn: true,
      required: true,
      albums: true,
      name: 'Cleo',
      ways,
    })
    assert.deepEqual(await session(''), { signedIn: false, required: true, albums: true, ways })
  })

  test('signing in makes another session, and ends the one that the browser had', async () => {
    const planted = await family.join('Fay')
    const response = await family.signIn('Fay', password, { Cookie: planted })
    assert.notEqual(cookieOf(response), planted)
    assert.equal(((await session(planted)) as { signedIn: boolean }).signedIn, false)
    // What somebody has made up becomes no session.
    const made = 'tintype_session=AAAAAAAAAAAAAAAAAAAAAA'
    assert.notEqual(cookieOf(await family.signIn('Fay', password, { Cookie: made })), made)
    assert.equal(((await session(made)) as { signedIn: boolean }).signedIn, false)
  })

  test('sign out here, or on all devices', async () => {
    const phone = await family.join('Gus')
    const [laptop, tablet] = await Promise.all(
      [1, 2].map(async () => cookieOf(await family.signIn('Gus', password))),
    )
    const isIn = async (cookie = '') => ((await session(cookie)) as { signedIn: boolean }).signedIn
    const leave = (query: string, Cookie: string) =>
      fetch(`${family.server.url}/session${query}`, { method: 'DELETE', headers: { Cookie } })
    await leave('', phone)
    assert.deepEqual([await isIn(phone), await isIn(laptop), await isIn(tablet)], [false, true, true])
    const answer = await leave('?everywhere', laptop as string)
    assert.match(answer.headers.get('set-cookie') ?? '', /^tintype_session=; Max-Age=0/)
    assert.deepEqual([await isIn(laptop), await isIn(tablet)], [false, false])
  })

  // Earlier than the heartbeat, by which it ends in any case.
  test('a page that listens is cut off when its session is ended elsewhere, and no other', {
    timeout: 15_000,
  }, async () => {
    const [here, there] = [await family.join('Ida'), await family.join('Ida')]
    const listen = async (Cookie: string) => {
      const { status, body } = await fetch(`${family.server.url}/api/events`, { headers: { Cookie } })
      assert.equal(status, 200)
      return body?.getReader() as ReadableStreamDefaultReader<Uint8Array>
    }
    const over = async (reader: ReadableStreamDefaultReader<Uint8Array>) => {
      while (!(await reader.read()).done);
    }
    const [stays, ends] = [await listen(here), await listen(there)]
    const leave = (query: string, Cookie: string) =>
      fetch(`${family.server.url}/session${query}`, { method: 'DELETE', headers: { Cookie } })
    await leave('', there)
    await over(ends)
    assert.equal(((await session(here)) as { signedIn: boolean }).signedIn, true)
    await leave('?everywhere', await family.join('Ida'))
    await over(stays)
  })

  test('removing or resetting somebody ends what they have', async () => {
    const { server, people } = family
    const hal = await family.join('Hal')
    const photoOfHal = await mediaOf(
      await upload(server.url, { bytes: await photo() }, { headers: { Cookie: hal } }),
    )
    await people.reset('hal')
    assert.equal((await fetch(`${server.url}/api/media`, { headers: { Cookie: hal } })).status, 401)
    await family.join('Hal')
    // What was begun with the password before it was taken does not end in a session.
    const browsers = createBrowserSessions(family.database, systemClock)
    const signingIn = await people.withPassword('Hal', password)
    assert.ok(signingIn)
    await people.reset('Hal')
    assert.equal(await browsers.begin(signingIn), undefined)
    await family.join('Hal')
    await people.remove('Hal')
    assert.equal(await browsers.begin(signingIn), undefined)

    await assert.rejects(people.remove('Hal'), { code: 'not_found' })
    // The photos are nobody else's, and there again when the same person is.
    const { isBack, person } = await people.add('HAL')
    assert.deepEqual([isBack, person.name], [true, 'HAL'])
    const back = await family.join('HAL')
    assert.deepEqual(
      (await list({ Cookie: back })).map(({ id }) => id),
      [photoOfHal.id],
    )
  })
})

test('a cookie is for https alone where the browser shows that it came by it', async () => {
  await using family = await startFamily({ HOST: '0.0.0.0' }, ['Ann'])
  await family.join('Ann')
  const { port } = family.server
  const signIn = async (headers: Record<string, string>) =>
    (await family.signIn('Ann', password, headers)).headers.get('set-cookie') ?? ''
  const { hostname } = new URL(family.server.url)
  assert.doesNotMatch(await signIn({ 'X-Forwarded-Proto': 'https' }), /Secure/)
  assert.match(
    await signIn({ Origin: `https://${hostname}:${port}`, 'Sec-Fetch-Site': 'same-origin' }),
    /Secure/,
  )
})

test('where the first person is added while the server runs, one has to sign in from then on', async (t) => {
  await using family = await startFamily()
  const { url } = family.server
  assert.equal((await fetch(`${url}/api/media`)).status, 200)
  await family.people.add('Ann')
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 2000 })
  assert.equal((await fetch(`${url}/api/media`)).status, 401)
  // By whatever name: it is the sign-in that protects it now.
  assert.equal((await fetch(`${url}/session`)).status, 200)
})

test('people, invitations and sessions on Postgres', { skip: skipWithoutPostgres }, async () => {
  await using family = await startFamily({ HOST: '0.0.0.0' }, ['Ann'], 'Postgres')
  const cookie = await family.join('Ann')
  const answer = await fetch(`${family.server.url}/api/media`, { headers: { Cookie: cookie } })
  assert.equal(answer.status, 200)
  assert.deepEqual(
    (await family.people.list()).map(({ name }) => name),
    ['Ann'],
  )
  // Postgres takes no NUL.
  assert.equal((await family.signIn('a\0b', password)).status, 401)
  await family.people.remove('Ann')
  assert.equal((await family.signIn('Ann', password)).status, 401)
})

test('an invitation and a session expire; a session that is used goes on', async () => {
  let now = Date.UTC(2026, 0, 1)
  const clock = { now: () => now } as Clock
  const day = 86_400_000
  const database = await openPeopleDatabase({ file: ':memory:' })
  try {
    const people = createPeople(database, clock)
    const { person } = await people.add('Ann')
    const first = await people.invite(person)
    const second = await people.invite(person)
    assert.equal(await people.invited(first), undefined, 'a new one ends the one before')
    now += 6 * day
    assert.equal((await people.invited(second))?.name, 'Ann')
    now += 2 * day
    assert.equal(await people.invited(second), undefined)
    await assert.rejects(people.accept(second, password), { code: 'gone' })

    const browsers = createBrowserSessions(database, clock)
    assert.equal(await browsers.begin(person), undefined, 'before there is a password')
    const withPassword = { ...person, password: 'of hers' }
    await database.db.updateTable('person').set({ password: withPassword.password }).execute()
    const [used = '', unused = ''] = [await browsers.begin(withPassword), await browsers.begin(withPassword)]
    for (let days = 0; days < 175; days += 25, now += 25 * day)
      assert.equal((await browsers.find(used))?.name, 'Ann', `after ${days} days`)
    assert.equal(await browsers.find(unused), undefined)
    now += 10 * day
    assert.equal(await browsers.find(used), undefined, 'after half a year it ends, however much it is used')
  } finally {
    await database.close()
  }
})
