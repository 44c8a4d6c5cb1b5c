import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { longestPassword, type PasswordChange, personRoutes } from '@tintype/protocol'
import { hashOf } from '../../packages/server/src/people/secret.ts'
import { problemOf } from '../support/server.ts'
import { databases, type FamilyServer, password, startFamily } from './family.ts'

const another = 'five other words of hers'

for (const { database, skip } of databases)
  describe(`a person changes their password, on ${database}`, { skip }, () => {
    let family: FamilyServer
    const ask = (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
      fetch(family.server.url + path, {
        ...{ redirect: 'manual', ...init },
        headers: { ...headers, ...(init.headers as Record<string, string>) },
      })
    const change = (headers: Record<string, string>, body: Partial<PasswordChange>) =>
      ask(personRoutes.password, headers, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    const isIn = async (headers: Record<string, string>) => (await ask('/api/media', headers)).status === 200
    const browserOf = async (name: string) => ({ Cookie: await family.join(name) })

    before(async () => {
      family = await startFamily({ RATE_SIGN_IN: 'off' }, ['Ann'], database)
    })
    after(() => family[Symbol.asyncDispose]())

    test('by the present one: this browser stays signed in, every other one is signed out, programs go on', async () => {
      const [here, there] = [await browserOf('Ann'), await browserOf('Ann')]
      const { id } = await family.people.demand('Ann')
      const program = { Authorization: `Bearer ${(await family.tokens.make(id, 'curl')).secret}` }
      const bob = await browserOf('Bob')
      const listening = await ask('/api/events', there)
      assert.equal((await change(here, { current: password, password: another })).status, 204)
      assert.deepEqual(
        [await isIn(here), await isIn(there), await isIn(program), await isIn(bob)],
        [true, false, true, true],
      )
      await listening.text()
      assert.equal((await family.signIn('Ann', password)).status, 401)
      assert.equal((await family.signIn('Ann', another)).status, 204)
    })

    test('not by a wrong one, nor to one that is none, which is said, and changes nothing', async () => {
      const [here, there] = [await browserOf('Cleo'), await browserOf('Cleo')]
      const refusal = async (body: Partial<PasswordChange>) => {
        const { status, code, detail } = await problemOf(await change(here, body))
        return [status, code, detail]
      }
      const wrong = [400, 'invalid_parameter', 'This is not the password that you have now. Try again.']
      assert.deepEqual(await refusal({ current: 'not hers', password: another }), wrong)
      assert.deepEqual(await refusal({ password: another }), wrong)
      const [status, , short] = await refusal({ current: password, password: 'short' })
      assert.equal(status, 400)
      assert.match(String(short), /too short: it has to have 10 characters/)
      assert.deepEqual([await isIn(here), await isIn(there)], [true, true])
      assert.ok(await family.people.withPassword('Cleo', password))
    })

    test('is for a browser in which they are signed in: no program, no page of another site', async () => {
      const here = await browserOf('Dora')
      const { id } = await family.people.demand('Dora')
      const { secret } = await family.tokens.make(id, 'curl')
      const body = { current: password, password: another }
      assert.equal((await change({}, body)).status, 401)
      assert.equal((await change({ Authorization: `Bearer ${secret}` }, body)).status, 401)
      assert.equal((await change({ ...here, Origin: 'https://evil.example' }, body)).status, 403)
      assert.ok(await family.people.withPassword('Dora', password))
    })

    test('of several changes at once one succeeds; none does once the session has ended, or the password was taken', async () => {
      const [one, other] = [await family.join('Eve'), await family.join('Eve')]
      const session = (cookie: string) => hashOf(cookie.split('=')[1] as string)
      const eve = await family.people.withPassword('Eve', password)
      assert.ok(eve)
      const change = (cookie: string, to: string) =>
        family.people.changePassword(eve, session(cookie), to).then(
          () => to,
          ({ code }) => code,
        )
      const [first, second] = await Promise.all([change(one, another), change(other, `${another} 2`)])
      assert.deepEqual([first, second].filter((outcome) => outcome === 'unauthenticated').length, 1)
      const kept = first === 'unauthenticated' ? second : first
      assert.ok(await family.people.withPassword('Eve', kept))
      await family.people.reset('Eve')
      assert.equal(await change(one, another), 'unauthenticated')
      assert.equal((await family.people.demand('Eve')).password, null)
    })

    test('without JavaScript', async () => {
      const here = await browserOf('Fay')
      const send = (fields: Record<string, string>) =>
        ask('/plain/password', here, { method: 'POST', body: new URLSearchParams(fields) })
      assert.equal((await ask('/plain/password', {})).status, 401)
      assert.match(await (await ask('/plain', here)).text(), /href="\/plain\/password"/)
      const page = await ask('/plain/password', here)
      assert.deepEqual([page.status, page.headers.get('cache-control')], [200, 'no-store'])
      const differs = await send({ current: password, password: another, again: 'something else' })
      assert.equal(differs.status, 400)
      assert.match(await differs.text(), /not the same/)
      assert.match(
        await (await send({ current: 'x', password: another, again: another })).text(),
        /not the password that you have now/,
      )
      const changed = await send({ current: password, password: another, again: another })
      assert.deepEqual([changed.status, changed.headers.get('location')], [303, '/plain/password?changed'])
      assert.match(await (await ask('/plain/password?changed', here)).text(), /Your password is changed/)
      const longest = '\u4e00'.repeat(longestPassword)
      const long = await send({ current: another, password: longest, again: longest })
      assert.equal(long.status, 303)
      assert.equal((await send({ current: longest, password: longest, again: longest })).status, 303)
    })
  })

test('wrong present passwords are counted as they are at signing in', async () => {
  await using family = await startFamily({ RATE_SIGN_IN: '2/600' }, ['Ann'])
  const Cookie = await family.join('Ann')
  const change = (current: string) =>
    fetch(family.server.url + personRoutes.password, {
      method: 'POST',
      headers: { Cookie, 'Content-Type': 'application/json' },
      body: JSON.stringify({ current, password: 'short' }),
    })
  // The right one is given back.
  for (let n = 0; n < 3; n++) assert.equal((await change(password)).status, 400)
  for (let n = 0; n < 2; n++) assert.equal((await change('not hers')).status, 400)
  const refused = await change(password)
  assert.deepEqual([refused.status, (await problemOf(refused)).limit], [429, 2])
  assert.equal((await family.signIn('Ann', password)).status, 429)
})
