/** What people do about themselves: passkeys, tokens for their programs, their password. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Page } from 'playwright-core'
import { password, startFamily } from '../people/family.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { assertFits, focusOn, tabTo } from './keyboard.ts'
import { openPage } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const family = skip ? (null as never) : await startFamily({ RATE_SIGN_IN: 'off' }, ['Ann'])
after(async () => {
  if (typeof launched === 'string') return
  await family[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

/** A page in which this person is signed in. */
async function openAs(name: string, options: object = {}, expected?: RegExp) {
  const [cookie = '', value = ''] = (await family.join(name)).split('=')
  const opened = await openPage(browser, options, expected)
  await opened.page.context().addCookies([{ name: cookie, value, url: family.server.url }])
  await opened.page.goto(family.server.url)
  return opened
}

/** A device that knows its holder, as far as the browser sees it. @returns lets it know them no more */
async function giveDevice(page: Page): Promise<() => Promise<void>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  })
  return async () =>
    void (await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false }))
}

test('a passkey is added, signs in without a name, in the midst of something too, and is removed', {
  skip,
}, async () => {
  const phone = { viewport: { width: 390, height: 844 } }
  await using opened = await openAs('Bob', phone, /status of 401/)
  const { page } = opened
  await giveDevice(page)
  const openPasskeys = async () => {
    await page.getByRole('button', { name: 'Bob' }).click()
    await page.getByRole('button', { name: 'Passkeys' }).click()
  }
  await openPasskeys()
  await page.getByLabel('A name for it').fill('My phone')
  await assertAccessible(page)
  await assertFits(page)
  await page.keyboard.press('Enter')
  await page.getByText('From now on it signs you in').waitFor()
  await page.locator('strong', { hasText: 'My phone' }).waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('This device has a passkey for you already.').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()

  await page.getByRole('button', { name: 'Bob' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByLabel('Name').waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await tabTo(page, 'Sign in with a passkey')
  await page.keyboard.press('Enter')
  await page.locator('.header').getByRole('button', { name: 'Bob' }).waitFor()

  // Elsewhere all sessions are ended, while a search is being written here.
  await page.getByRole('searchbox').fill('lisb')
  await fetch(`${family.server.url}/session?everywhere`, {
    method: 'DELETE',
    headers: { Cookie: await family.join('Bob') },
  })
  const cover = page.getByRole('dialog', { name: 'Sign in' })
  await cover.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await cover.waitFor({ state: 'detached' })
  assert.equal(await page.getByRole('searchbox').inputValue(), 'lisb')

  await openPasskeys()
  await page.getByText(/last used on/).waitFor()
  await page.getByRole('button', { name: 'End My phone' }).click()
  await page.getByRole('button', { name: 'End it now' }).click()
  await page.locator('strong', { hasText: 'My phone' }).waitFor({ state: 'detached' })
  opened.assertClean()
})

test('a finger that is not known, and an address where there are no passkeys, are told', {
  skip,
}, async () => {
  await using opened = await openAs('Cleo', {}, /status of 401/)
  const { page } = opened
  const forget = await giveDevice(page)
  const account = page.locator('.header').getByRole('button', { name: 'Cleo' })
  await account.click()
  await page.getByRole('button', { name: 'Passkeys' }).click()
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByText('From now on it signs you in').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await account.click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await forget()
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await page.getByRole('alert').getByText('No passkey was used').waitFor()
  await assertAccessible(page)

  await page.goto(family.server.local)
  await page.getByLabel('Name').fill('Cleo')
  assert.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).count(), 0)
  await page.getByLabel('Password').fill(password)
  await page.keyboard.press('Enter')
  await account.click()
  await page.getByRole('button', { name: 'Passkeys' }).click()
  await page.getByText('Passkeys belong to a name, and 127.0.0.1 is a number').waitFor()
  await assertAccessible(page)
  opened.assertClean()
})

test('a token is made, copied, used and ended by keys alone, on a phone', { skip }, async () => {
  const permissions = ['clipboard-read', 'clipboard-write']
  await using opened = await openAs('Ann', { viewport: { width: 390, height: 844 }, permissions })
  const { page } = opened
  await tabTo(page, 'Ann')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Tokens for programs')
  await page.keyboard.press('Enter')
  const name = page.getByLabel('What it is for')
  await name.waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await name.focus()
  await page.keyboard.type('Shortcuts')
  await page.keyboard.press('Enter')
  await focusOn(page, 'Copy token')
  await page.keyboard.press('Enter')
  await page.getByText('Copied.').waitFor()
  await assertAccessible(page)
  await assertFits(page)
  const token = await page.evaluate(() => navigator.clipboard.readText())
  const list = () =>
    fetch(`${family.server.url}/api/media`, { headers: { Authorization: `Bearer ${token}` } })
  assert.equal((await list()).status, 200)

  await tabTo(page, 'Done')
  await page.keyboard.press('Enter')
  await tabTo(page, 'End Shortcuts')
  await page.keyboard.press('Enter')
  await focusOn(page, 'Keep it')
  await assertAccessible(page)
  await assertFits(page)
  await page.keyboard.press('Enter')
  await focusOn(page, 'End Shortcuts')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Shift+Tab')
  await focusOn(page, 'End it now')
  await page.keyboard.press('Enter')
  await page.locator('strong', { hasText: 'Shortcuts' }).waitFor({ state: 'detached' })
  assert.equal((await list()).status, 401)
  opened.assertClean()
})

test('a password is changed by keys alone, on a phone; another device is asked to sign in, this one is not', {
  skip,
}, async () => {
  const phone = { viewport: { width: 390, height: 844 } }
  await using opened = await openAs('Dora', phone, /status of 400/)
  await using other = await openAs('Dora', {}, /status of 401/)
  const { page } = opened
  const another = `${password}, and two more`
  await tabTo(page, 'Dora')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Change your password')
  await page.keyboard.press('Enter')
  const current = page.getByLabel('The password that you have now')
  await current.waitFor()
  await assertAccessible(page)
  await assertFits(page)
  const fill = async (first: string, again: string) => {
    for (const text of [first, again]) {
      await page.keyboard.press('Tab')
      await page.keyboard.type(text)
    }
    await page.keyboard.press('Enter')
  }
  await current.focus()
  await page.keyboard.type('not hers')
  await fill(another, 'something else')
  await page.getByRole('alert').getByText('not the same').waitFor()
  await page.locator(':focus').and(page.getByLabel('New password')).waitFor()
  await current.focus()
  await fill(another, another)
  await page.getByRole('alert').getByText('not the password that you have now').waitFor()
  await assertAccessible(page)
  await assertFits(page)
  // What is wrong is selected, and so typed over.
  await page.locator(':focus').and(current).waitFor()
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByText('Changed. On your other devices you are signed out.').waitFor()
  await assertAccessible(page)
  assert.equal(await current.inputValue(), '')

  await other.page.getByRole('dialog', { name: 'Sign in' }).waitFor()
  await other.page.getByLabel('Name').fill('Dora')
  await other.page.getByLabel('Password').fill(another)
  await other.page.keyboard.press('Enter')
  await other.page.getByRole('dialog', { name: 'Sign in' }).waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByText('No photos yet').waitFor()

  await page.goto(`${family.server.url}/plain`)
  await page.getByRole('link', { name: 'Change your password' }).click()
  await assertAccessible(page)
  await assertFits(page)
  await current.fill('not hers')
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same again').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('not the password that you have now').waitFor()
  await assertAccessible(page)
  await current.fill(another)
  await page.getByLabel('New password').fill(password)
  await page.getByLabel('The same again').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
  await assertAccessible(page)
  await page.getByRole('link', { name: 'All photos' }).click()
  await page.getByText('No photos yet').waitFor()
  opened.assertClean()
  other.assertClean()
})
