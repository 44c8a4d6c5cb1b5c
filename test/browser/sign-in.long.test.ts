/** People who sign in by name: from the link that invites them to signing out everywhere. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { invitationAge } from '../../packages/server/src/people/people.ts'
import { password, startFamily } from '../people/family.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser } from './browser.ts'
import { assertFits, focusOn, tabTo } from './keyboard.ts'
import { openPage, png, seePicture, signIn } from './page.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
// With somebody from the start: a server without people lets this machine in, and looks for them once a second at the most.
const family = skip ? (null as never) : await startFamily({ RATE_SIGN_IN: 'off' }, ['Eve'])
after(async () => {
  if (typeof launched === 'string') return
  await family[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

/** The link that `tintype user add` prints. */
async function invite(name: string): Promise<string> {
  const { person } = await family.people.add(name)
  return `${family.server.url}/invite/${await family.people.invite(person)}`
}

test('an invitation leads, by keys alone and on a phone, to a password, one’s own photos and the ways out', {
  skip,
}, async () => {
  await using opened = await openPage(browser, { viewport: { width: 390, height: 844 } }, /status of 40/)
  const { page } = opened
  await page.goto(await invite('Ann'))
  await page.getByRole('heading', { name: 'Welcome, Ann' }).waitFor()
  assert.equal(new URL(page.url()).pathname, '/invite')
  await assertAccessible(page)
  await assertFits(page)
  const first = page.getByLabel('Password')
  await page.locator(':focus').and(first).waitFor()
  await page.keyboard.type(password)
  await page.keyboard.press('Tab')
  await page.keyboard.type('something else')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('not the same').waitFor()
  await assertAccessible(page)
  await page.locator(':focus').and(first).waitFor()
  await page.keyboard.type(password)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByText('No photos yet').waitFor()
  assert.equal(new URL(page.url()).pathname, '/')

  await page.locator('.header input[type=file]').setInputFiles(await png('mine.png'))
  await seePicture(page, 'Photo: mine.png')
  await tabTo(page, 'Ann')
  await page.keyboard.press('Enter')
  const account = page.getByRole('dialog', { name: 'Signed in as Ann' })
  await account.waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await page.keyboard.press('Escape')
  await account.waitFor({ state: 'detached' })
  await focusOn(page, 'Ann')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Sign out')
  await page.keyboard.press('Enter')

  const name = page.getByLabel('Name')
  await page.locator(':focus').and(name).waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await page.keyboard.type('ann')
  await page.keyboard.press('Tab')
  await page.keyboard.type('not this one')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('Name or password is wrong.').waitFor()
  await assertAccessible(page)
  // What is wrong is selected, and so typed over.
  await page.locator(':focus').and(page.getByLabel('Password')).waitFor()
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await seePicture(page, 'Photo: mine.png')
  opened.assertClean()
})

test('an invitation that was used, or is too old, says so and what to do', { skip }, async (t) => {
  await using opened = await openPage(browser, { viewport: { width: 390, height: 844 } }, /status of 410/)
  const { page } = opened
  const link = await invite('Bob')
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + invitationAge + 1000 })
  await page.goto(link)
  await page.getByRole('heading', { name: 'This invitation is over' }).waitFor()
  await page.getByText('Ask for a new one').waitFor()
  await assertAccessible(page)
  await assertFits(page)
  await page.getByRole('link', { name: 'Sign in' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Name').waitFor()
  opened.assertClean()
})

test('signed out on all devices, each is asked to sign in within moments, and shows nobody’s photos before', {
  skip,
}, async () => {
  await family.join('Cleo')
  await using here = await openPage(browser, {}, /status of 401/)
  await using there = await openPage(browser, {}, /status of 401/)
  for (const { page } of [here, there]) {
    await page.goto(family.server.url)
    await signIn(page, 'Cleo')
    await page.locator('.header').getByRole('button', { name: 'Cleo' }).waitFor()
  }
  await here.page.locator('.header input[type=file]').setInputFiles(await png('shared.png'))
  await there.page.getByRole('button', { name: 'Photo: shared.png' }).click()
  await there.page.getByRole('button', { name: 'Add a caption' }).click()
  await there.page.getByLabel('Caption').fill('Not lost')

  await here.page.getByRole('button', { name: 'Cleo' }).click()
  await here.page.getByRole('button', { name: 'Sign out on all my devices' }).click()
  await here.page.getByLabel('Name').waitFor()
  const cover = there.page.getByRole('dialog', { name: 'Sign in' })
  await cover.waitFor()
  await assertAccessible(there.page)
  await signIn(there.page, 'Cleo')
  await cover.waitFor({ state: 'detached' })
  assert.equal(await there.page.getByLabel('Caption').inputValue(), 'Not lost')
  here.assertClean()
  there.assertClean()
})

test('where the server has no time to look at a password, it does not count as wrong, and is sent again as it is', {
  skip,
}, async () => {
  await family.join('Dora')
  await using opened = await openPage(browser, {}, /status of (401|503)/)
  const { page } = opened
  await page.goto(family.server.url)
  const field = page.getByLabel('Password')
  const detail = 'Too many people sign in at once. Try again in a moment.'
  const body = JSON.stringify({ status: 503, code: 'overloaded', detail })
  const answer = { status: 503, contentType: 'application/problem+json', body }
  await page.route('**/session', (route, request) =>
    request.method() === 'POST' ? route.fulfill(answer) : route.continue(),
  )
  await signIn(page, 'Dora')
  await page.getByText(detail).waitFor()
  assert.equal(await field.getAttribute('aria-invalid'), 'false')
  assert.equal(await field.inputValue(), password)
  await page.unroute('**/session')
  await page.keyboard.type('x')
  await page.keyboard.press('Enter')
  await page
    .getByText(
      'Name or password is wrong. Try again. Forgotten? The person who runs this server can send you a new link.',
    )
    .waitFor()
  assert.equal(await field.getAttribute('aria-invalid'), 'true')
  // It is selected: what is typed takes its place.
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.locator('.header').getByRole('button', { name: 'Dora' }).waitFor()
  opened.assertClean()
})
