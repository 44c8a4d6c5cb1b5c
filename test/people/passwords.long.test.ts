import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { problemOf } from '../support/server.ts'
import { cookieOf, type FamilyServer, password, startFamily } from './family.ts'

describe('passwords at their real cost', () => {
  let family: FamilyServer
  before(async () => {
    family = await startFamily({ RATE_SIGN_IN: 'off', HOST: '0.0.0.0' }, ['Ann'])
  })
  after(() => family[Symbol.asyncDispose]())

  test('a wrong password, an unknown name and one without a password get the same answer', async () => {
    await family.join('Dan')
    await family.people.add('Eve')
    const answers = []
    for (const [name, given] of [
      ['Dan', 'not the password'],
      ['Nobody', password],
      ['Eve', password],
      ['Dan', ''],
      ['Dan', 'x'.repeat(1000)],
    ] as const) {
      const response = await family.signIn(name, given)
      const { requestId: _, ...problem } = await problemOf(response)
      answers.push({ status: response.status, problem, cookie: response.headers.get('set-cookie') })
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(answers[0]?.status, 401)
  })

  test('an invitation works once, and looking at its page uses nothing up', async () => {
    const { server, people } = family
    const { person } = await people.add('Ida')
    const invitation = await people.invite(person)
    const opened = await fetch(`${server.url}/invite/${invitation}`, { redirect: 'manual' })
    assert.deepEqual([opened.status, opened.headers.get('location')], [303, '/invite'])
    assert.match(opened.headers.get('set-cookie') ?? '', /; Path=\/invite; HttpOnly; SameSite=Lax$/)
    const headers = { Cookie: cookieOf(opened) }
    const choose = (given: string, again = given, more = {}) =>
      fetch(`${server.url}/invite`, {
        method: 'POST',
        headers: { ...headers, ...more },
        body: new URLSearchParams({ password: given, again }),
        redirect: 'manual',
      })
    for (let n = 0; n < 2; n++) {
      const page = await fetch(`${server.url}/invite`, { headers })
      assert.deepEqual([page.status, page.headers.get('cache-control')], [200, 'no-store'])
      const html = await page.text()
      assert.match(html, /Welcome, Ida/)
      assert.doesNotMatch(html, new RegExp(invitation))
    }
    assert.equal((await choose('short')).status, 400)
    assert.match(await (await choose(password, `${password}!`)).text(), /not the same/)
    assert.equal((await choose(password, password, { Origin: 'https://evil.example' })).status, 403)
    const both = await Promise.all([choose(password), choose(`${password} 2`)])
    assert.deepEqual(both.map(({ status }) => status).sort(), [303, 410])
    assert.equal((await fetch(`${server.url}/invite`, { headers })).status, 410)
    assert.equal((await choose(password)).status, 410)
    assert.ok(!server.log.some((line) => line.includes(invitation)), 'the log holds no token')
    assert.ok(server.log.some((line) => line.includes('/invite/…')))
  })
  test('somebody who was reset or removed has no password any more', async () => {
    await family.join('Hal')
    await family.people.reset('Hal')
    assert.equal((await family.signIn('Hal', password)).status, 401)
    await family.join('Hal')
    await family.people.remove('Hal')
    assert.equal((await family.signIn('Hal', password)).status, 401)
  })
})

test('guesses are limited, for one address and for one name', async () => {
  await using family = await startFamily({ RATE_SIGN_IN: '3/600', TRUSTED_PROXIES: 'loopback' }, ['Ann'])
  const from = (address: string) => ({ 'X-Forwarded-For': address })
  for (let n = 0; n < 3; n++)
    assert.equal((await family.signIn('Nobody', 'x', from('192.0.2.1'))).status, 401)
  const refused = await family.signIn('Nobody', 'x', from('192.0.2.1'))
  assert.deepEqual([refused.status, (await problemOf(refused)).limit], [429, 3])
  assert.equal((await family.signIn('Nobody', 'x', from('192.0.2.2'))).status, 401)
})

test('what the server has no time to look at is no wrong guess', async () => {
  await using family = await startFamily({ RATE_SIGN_IN: '25/600' }, ['Ann'])
  const all = await Promise.all(Array.from({ length: 25 }, () => family.signIn('Nobody', 'x')))
  const refused = all.filter(({ status }) => status === 503).length
  assert.ok(refused > 0)
  assert.equal(all.filter(({ status }) => status === 401).length, 25 - refused)
  for (let n = 0; n < refused; n++) assert.equal((await family.signIn('Nobody', 'x')).status, 401)
  assert.equal((await family.signIn('Ann', password)).status, 429)
})
