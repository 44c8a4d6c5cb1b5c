import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MadePersonToken, PersonTokens } from '@tintype/protocol'
import { personRoutes } from '@tintype/protocol'
import { readTokenCommand } from '../../packages/server/src/commands/user-tokens.ts'
import { createBrowserSessions } from '../../packages/server/src/people/browser-sessions.ts'
import { createTokens } from '../../packages/server/src/people/tokens.ts'
import { type Clock, systemClock } from '../../packages/tintype/src/clock.ts'
import { photo } from '../media/photos.ts'
import { mediaOf, upload } from '../support/server.ts'
import { databases, type FamilyServer, startFamily } from './family.ts'

for (const { database, skip } of databases)
  describe(`a token of a person, on ${database}`, { skip }, () => {
    let family: FamilyServer
    let ann: Record<string, string>
    const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
      fetch(family.server.url + path, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), ...headers },
      })
    const make = (name: string, who = ann) =>
      ask(personRoutes.tokens, who, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name }),
      })
    const made = async (name: string, who = ann) => {
      const response = await make(name, who)
      assert.equal(response.status, 201)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      const { token, secret } = (await response.json()) as MadePersonToken
      return { token, secret, program: { Authorization: `Bearer ${secret}` } }
    }
    const listed = async (who = ann) =>
      ((await (await ask(personRoutes.tokens, who)).json()) as PersonTokens).tokens
    const isIn = async (who: Record<string, string>) => (await ask('/api/media', who)).status === 200

    before(async () => {
      const env = { RATE_SIGN_IN: '3/60', TINTYPE_TOKEN: 'a token that is long enough' }
      family = await startFamily(env, ['Zoe'], database)
      ann = { Cookie: await family.join('Ann') }
    })
    after(() => family[Symbol.asyncDispose]())

    test('opens the photos and albums of its person, is listed with its last use, and kept as a hash', async () => {
      const { token, secret, program } = await made(' Shortcuts  on my phone ')
      assert.match(secret, /^tintype_[\w-]{22}$/)
      assert.deepEqual([token.name, token.usedAt], ['Shortcuts on my phone', null])
      const { url } = family.server
      const { id } = await mediaOf(await upload(url, { bytes: await photo() }, { headers: program }))
      assert.equal((await ask(`/api/media/${id}`, ann)).status, 200)
      assert.equal((await ask('/api/albums', program)).status, 200)
      const { signedIn, name } = (await (await ask('/session', program)).json()) as Record<string, unknown>
      assert.deepEqual({ signedIn, name }, { signedIn: true, name: 'Ann' })
      const [found] = await listed()
      assert.deepEqual({ ...found, usedAt: null }, token)
      assert.ok(Date.parse(found?.usedAt ?? '') >= Date.parse(token.createdAt))
      const rows = await family.database.db.selectFrom('token').selectAll().execute()
      assert.doesNotMatch(JSON.stringify(rows), new RegExp(secret.slice(8)))
      assert.equal((await make('Shortcuts on my phone')).status, 409)
      assert.equal((await make('')).status, 400)
    })

    test('opens nothing that concerns the person: it makes and ends no tokens, and signs nobody out', async () => {
      const { token, program, secret } = await made('curl')
      assert.equal((await ask(personRoutes.tokens, program)).status, 401)
      assert.equal((await make('another', program)).status, 401)
      assert.equal((await ask(personRoutes.token(token.id), program, { method: 'DELETE' })).status, 401)
      assert.equal((await ask('/session?everywhere&tokens', program, { method: 'DELETE' })).status, 401)
      assert.equal(await isIn(ann), true)
      const signIn = await ask(
        '/session',
        {},
        { method: 'POST', body: new URLSearchParams({ token: secret }) },
      )
      assert.equal(signIn.status, 401)
      // Nor with the cookie of a page of another site.
      assert.equal((await make('planted', { ...ann, Origin: 'https://evil.example' })).status, 403)
    })

    test('is not counted when it is wrong, since it can’t be guessed, and no cookie takes its place', async () => {
      const wrong = { Authorization: `Bearer tintype_${'A'.repeat(22)}` }
      for (let round = 0; round < 5; round++) assert.equal(await isIn(wrong), false)
      assert.equal(await isIn({ ...ann, ...wrong }), false)
      const { program } = await made('after wrong ones')
      assert.equal(await isIn(program), true)
    })

    test('is revoked by its person alone, and what listens by it is cut off', async () => {
      const bob = { Cookie: await family.join('Bob') }
      const { token, program } = await made('to be revoked')
      const stream = await ask('/api/events', program)
      assert.equal((await ask(personRoutes.token(token.id), bob, { method: 'DELETE' })).status, 404)
      assert.equal(await isIn(program), true)
      assert.deepEqual(await listed(bob), [])
      assert.equal((await ask(personRoutes.token(token.id), ann, { method: 'DELETE' })).status, 204)
      assert.equal(await isIn(program), false)
      await stream.text()
      assert.equal((await ask(personRoutes.token(token.id), ann, { method: 'DELETE' })).status, 404)
    })

    test('outlives signing out everywhere, unless one ends the tokens too; ends with a reset and with its person', async () => {
      const here = async () => ({ Cookie: await family.join('Cleo') })
      const { program } = await made('tablet', await here())
      await ask('/session?everywhere', await here(), { method: 'DELETE' })
      assert.equal(await isIn(program), true)
      await ask('/session?everywhere&tokens', await here(), { method: 'DELETE' })
      assert.equal(await isIn(program), false)
      const { program: second } = await made('tablet', await here())
      await family.people.reset('Cleo')
      assert.equal(await isIn(second), false)
      const { program: third } = await made('tablet', await here())
      await family.people.remove('Cleo')
      assert.equal(await isIn(third), false)
      await family.people.add('Cleo')
      assert.equal(await isIn(third), false)
    })

    test('is added, listed and revoked by the command', async () => {
      const run = async (...words: string[]) => (await readTokenCommand(words)(family.database)).join('\n')
      const { name } = (await family.people.add('Dora')).person
      assert.match(await run('list', 'dora'), /no tokens/)
      const [secret = ''] = /tintype_[\w-]{22}/.exec(await run('add', name, 'backup script')) ?? []
      const program = { Authorization: `Bearer ${secret}` }
      assert.match(await run('list', name), /^backup script {2}since \d{4}-\d\d-\d\d, never used$/)
      assert.equal(await isIn(program), true)
      assert.match(await run('list', name), /last used/)
      await assert.rejects(run('revoke', name, 'another'), { code: 'not_found' })
      await run('revoke', name, 'backup script')
      assert.equal(await isIn(program), false)
      assert.throws(() => readTokenCommand(['add', name]), /that of the token/)
      await assert.rejects(run('list', 'Nobody'), { code: 'not_found' })
    })
  })

for (const { database, skip } of databases)
  test(`a token that is made while its person signs out everywhere ends too, on ${database}`, {
    skip,
  }, async () => {
    await using family = await startFamily({}, ['Ann'], database)
    await family.join('Ann')
    const { id: personId } = await family.people.demand('Ann')
    const browsers = createBrowserSessions(family.database, systemClock)
    const rows = await family.database.db.selectFrom('session').select('id_hash').execute()
    const session = rows.at(-1)?.id_hash
    const making = Array.from({ length: 20 }, (_, n) =>
      family.tokens
        .make(personId, `token ${n}`, session)
        .catch(({ code }) => assert.equal(code, 'unauthenticated')),
    )
    await browsers.endAllOf(personId)
    await family.tokens.revokeAllOf(personId)
    await Promise.all(making)
    assert.deepEqual(await family.tokens.list(personId), [])
  })

test('its use is noted once an hour, and there are at most fifty', async () => {
  let now = Date.UTC(2026, 0, 1)
  await using family = await startFamily({}, ['Ann'])
  const tokens = createTokens(family.database, { now: () => now } as Clock)
  const { id } = await family.people.demand('Ann')
  const { secret } = await tokens.make(id, 'first')
  const usedAt = async () => (await tokens.list(id))[0]?.used_at
  await tokens.find(secret)
  assert.equal(await usedAt(), now)
  now += 1_800_000
  await tokens.find(secret)
  assert.equal(await usedAt(), now - 1_800_000)
  now += 1_800_000
  await tokens.find(secret)
  assert.equal(await usedAt(), now)
  for (let n = 1; n < 50; n++) await tokens.make(id, `token ${n}`)
  await assert.rejects(tokens.make(id, 'one more'), { code: 'quota_exceeded', limit: 50 })
})
