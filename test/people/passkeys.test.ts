import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { type Passkey, type Passkeys, personRoutes } from '@tintype/protocol'
import { createPasskeyRecords } from '../../packages/server/src/records/passkey-records.ts'
import { type Authenticator, createAuthenticator, type Twist } from './authenticator.ts'
import { cookieOf, databases, type FamilyServer, startFamily } from './family.ts'

const origin = 'http://localhost'

for (const { database, skip } of databases)
  describe(`a passkey, on ${database}`, { skip }, () => {
    let family: FamilyServer
    /** The host of the page. */
    let here: string
    const ask = (path: string, body?: unknown, headers: Record<string, string> = {}, method = 'POST') =>
      fetch(family.server.url + path, {
        method,
        headers: {
          Origin: here,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    const optionsAt = async (path: string, headers = {}) =>
      (await (await ask(path, undefined, headers)).json()) as { challenge: string }

    /** Makes somebody with a passkey. */
    async function join(name: string): Promise<{ device: Authenticator; Cookie: string; passkey: Passkey }> {
      const Cookie = await family.join(name)
      const device = createAuthenticator(here, (await family.people.demand(name)).id)
      const options = await optionsAt(personRoutes.passkeyOptions, { Cookie })
      const made = await ask(
        personRoutes.passkeys,
        { name: `of ${name}`, response: device.register(options) },
        { Cookie },
      )
      assert.equal(made.status, 201)
      return { device, Cookie, passkey: (await made.json()) as Passkey }
    }
    const signIn = async (device: Authenticator, twist: Twist = {}, given?: { challenge: string }) => {
      const options = given ?? (await optionsAt(personRoutes.signInOptions))
      return ask(personRoutes.signIn, { response: device.authenticate(options, twist) })
    }
    const session = async (Cookie: string) =>
      (await (await fetch(`${family.server.url}/session`, { headers: { Cookie } })).json()) as Record<
        string,
        unknown
      >

    before(async () => {
      family = await startFamily({ RATE_SIGN_IN: 'off' }, ['Zoe'], database)
      here = `${origin}:${family.server.port}`
    })
    after(() => family[Symbol.asyncDispose]())

    test('signs its person in, without a name, and is listed with its last use', async () => {
      assert.equal((await session('')).passkeys, undefined)
      const { device, Cookie, passkey } = await join('Ann')
      assert.deepEqual([passkey.name, passkey.host, passkey.usedAt], ['of Ann', 'localhost', null])
      assert.equal((await session('')).passkeys, true)
      const answer = await signIn(device)
      assert.equal(answer.status, 204)
      assert.match(answer.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/)
      assert.equal((await session(cookieOf(answer))).name, 'Ann')
      const list = async (who: string) =>
        ((await (await ask(personRoutes.passkeys, undefined, { Cookie: who }, 'GET')).json()) as Passkeys)
          .passkeys
      assert.notEqual((await list(Cookie))[0]?.usedAt, null)
      assert.deepEqual(await list(await family.join('Bob')), [])
    })

    test('has a challenge that is ours, is used once, within five minutes, and for what it was made', async (t) => {
      const { device, Cookie } = await join('Cleo')
      const options = await optionsAt(personRoutes.signInOptions)
      assert.equal((await signIn(device, {}, options)).status, 204)
      assert.equal((await signIn(device, {}, options)).status, 401)
      assert.equal((await signIn(device, {}, { challenge: 'A'.repeat(43) })).status, 401)
      const toAdd = await optionsAt(personRoutes.passkeyOptions, { Cookie })
      assert.equal((await signIn(device, {}, toAdd)).status, 401)
      const late = await optionsAt(personRoutes.signInOptions)
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 301_000 })
      assert.equal((await signIn(device, {}, late)).status, 401)
    })

    test('does not hold for another address, another person, another key, or who just holds the device', async () => {
      const { device } = await join('Dora')
      const refused = async (by: Authenticator, twist: Twist = {}) =>
        assert.equal((await signIn(by, twist)).status, 401, JSON.stringify(twist))
      await refused(device, { origin: 'https://evil.example' })
      await refused(device, { user: (await family.people.demand('Zoe')).id })
      await refused(device, { isVerified: false })
      await refused({ ...createAuthenticator(here, (await family.people.demand('Dora')).id), id: device.id })
      const other = createAuthenticator(here, '')
      const forged = {
        ...(other.authenticate(await optionsAt(personRoutes.signInOptions)) as object),
        ...{ id: device.id, rawId: device.id },
      }
      assert.equal((await ask(personRoutes.signIn, { response: forged })).status, 401)
      assert.equal((await signIn(device)).status, 204)
    })

    test('is nothing that can be made of anything else', async () => {
      for (const response of [
        undefined,
        null,
        [],
        'x',
        {},
        { id: 7, response: {} },
        { response: { clientDataJSON: 'e30' } },
      ])
        assert.equal((await ask(personRoutes.signIn, { response })).status, 401, JSON.stringify(response))
      assert.equal((await ask(personRoutes.signIn)).status, 415)
      const Cookie = await family.join('Eve')
      const device = createAuthenticator(here, '')
      const make = async (twist: Twist, name = 'phone') => {
        const options = await optionsAt(personRoutes.passkeyOptions, { Cookie })
        return ask(personRoutes.passkeys, { name, response: device.register(options, twist) }, { Cookie })
      }
      for (const twist of [{ origin: 'https://evil.example' }, { isVerified: false }])
        assert.equal((await make(twist)).status, 400)
      assert.equal((await make({}, ' ')).status, 400)
      assert.equal((await make({})).status, 201)
      assert.equal((await make({})).status, 409)
      // A page of another site begins nothing in her name, and a program neither.
      const { secret } = await family.tokens.make((await family.people.demand('Eve')).id, 'curl')
      const Authorization = `Bearer ${secret}`
      assert.equal((await ask(personRoutes.passkeyOptions, undefined, { Authorization })).status, 401)
      const evil = { Cookie, Origin: 'https://evil.example' }
      assert.equal((await ask(personRoutes.passkeyOptions, undefined, evil)).status, 403)
      assert.equal((await ask(personRoutes.signInOptions, undefined, evil)).status, 403)
    })

    test('is removed by its person alone; ends with a reset, and with its person', async () => {
      const { device, Cookie, passkey } = await join('Fay')
      const remove = (who: string) =>
        ask(personRoutes.passkey(passkey.id), undefined, { Cookie: who }, 'DELETE')
      assert.equal((await remove(await family.join('Bob'))).status, 404)
      assert.equal((await signIn(device)).status, 204)
      assert.equal((await remove(Cookie)).status, 204)
      assert.equal((await signIn(device)).status, 401)
      const { device: second } = await join('Fay')
      await family.people.reset('Fay')
      assert.equal((await signIn(second)).status, 401)
      const { device: third } = await join('Fay')
      await family.people.remove('Fay')
      await family.people.add('Fay')
      await family.join('Fay')
      assert.equal((await signIn(third)).status, 401)
    })

    test('is used up to its last moment: removed, or signed with by a copy meanwhile, it lets nobody in', async () => {
      const { device, Cookie, passkey } = await join('Hal')
      const records = createPasskeyRecords(family.database.db)
      const use = (counter: number) => records.use(device.id, counter, Date.now())
      assert.deepEqual([await use(7), await use(7), await use(6), await use(8)], [true, false, false, true])
      await ask(personRoutes.passkey(passkey.id), undefined, { Cookie }, 'DELETE')
      assert.equal(await use(9), false)
    })

    test('is made without what its device says of its maker: its certificates would name addresses to fetch', async () => {
      const Cookie = await family.join('Ivy')
      const device = createAuthenticator(here, (await family.people.demand('Ivy')).id)
      const options = await optionsAt(personRoutes.passkeyOptions, { Cookie })
      const response = device.register(options, { format: 'android-key' })
      assert.equal((await ask(personRoutes.passkeys, { name: 'phone', response }, { Cookie })).status, 201)
      assert.equal((await signIn(device)).status, 204)
    })

    test('can’t be made where browsers make none, which is said', async () => {
      const Cookie = await family.join('Gus')
      for (const Host of ['127.0.0.1:3000', 'photos.lan:3000', '[::1]:3000']) {
        // `fetch` sends no Host but its own.
        const asked = request(family.server.url + personRoutes.passkeyOptions, {
          ...{ method: 'POST', headers: { Host, Cookie } },
        }).end()
        const [answer] = (await once(asked, 'response')) as [IncomingMessage]
        assert.equal(answer.statusCode, 400)
        assert.match(
          await text(answer),
          /Passkeys work at an https address with a name, or at http:\/\/localhost/,
        )
      }
    })
  })

test('passkeys that fail are counted like wrong passwords', async () => {
  await using family = await startFamily({ RATE_SIGN_IN: '3/60' }, ['Ann'])
  const signIn = () =>
    fetch(family.server.url + personRoutes.signIn, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"response":{}}',
    })
  const all = [await signIn(), await signIn(), await signIn(), await signIn()]
  assert.deepEqual(
    all.map(({ status }) => status),
    [401, 401, 401, 429],
  )
  assert.equal((await family.signIn('Ann', 'whatever it is')).status, 429)
  const options = await fetch(family.server.url + personRoutes.signInOptions, { method: 'POST' })
  assert.equal(options.status, 429)
})
