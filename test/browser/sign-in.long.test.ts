/** People who sign in by name: from the link that invites them to what goes on after a session has ended. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { invitationAge } from '../../packages/server/src/people/people.ts'
import { photo } from '../media/photos.ts'
import { password, startFamily } from '../people/family.ts'
import { until } from '../support/until.ts'
import { assertAccessible } from './accessible.ts'
import { launchBrowser, openProfile } from './browser.ts'
import { assertFits, focusOn, tabTo } from './keyboard.ts'
import { openPage, seePicture } from './page.ts'
import { startStorage } from './storage.ts'
import { writeVideo } from './video.ts'

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

const png = async (name: string) => ({
  name,
  mimeType: 'image/png',
  buffer: await photo({ width: 300, height: 200, type: 'image/png' }),
})

/** The link that `tintype user add` prints. */
async function invite(name: string): Promise<string> {
  const { person } = await family.people.add(name)
  return `${family.server.url}/invite/${await family.people.invite(person)}`
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
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

test('an upload that a session’s end interrupts goes on after signing in, and nothing is asked for again', {
  skip,
}, async () => {
  await using storage = await startStorage()
  await using apart = await startFamily(storage.env, ['Dora'])
  await apart.join('Dora')
  await using opened = await openPage(browser, {}, /status of 401|Cross-Origin-Opener-Policy/)
  const { page } = opened
  await page.goto(apart.server.url)
  await signIn(page, 'Dora')
  const path = `${apart.server.directory}/clip.mp4`
  await writeVideo(path, 48 * 1024 ** 2)
  const isHeld = storage.holdAfter(3)
  await page.locator('.header input[type=file]').setInputFiles(path)
  await isHeld

  // On another device.
  const cookie = await apart.join('Dora')
  const left = await fetch(`${apart.server.url}/session?everywhere`, {
    method: 'DELETE',
    headers: { Cookie: cookie },
  })
  assert.equal(left.status, 204)
  const cover = page.getByRole('dialog', { name: 'Sign in' })
  await cover.getByText('1 upload will go on when you have signed in.').waitFor()
  storage.release()
  await signIn(page, 'Dora')
  await cover.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: /^Video: clip\.mp4/ }).waitFor({ timeout: 120_000 })
  assert.equal(await page.getByText('choose it again').count(), 0)
  opened.assertClean()
})

test('somebody else who signs in in the same browser gets nothing of what was under way: it waits for its owner', {
  skip,
}, async () => {
  for (const name of ['Eve', 'Finn']) await family.join(name)
  await using profile = await openProfile()
  await using opened = await openPage(profile.context, {}, /status of 401|net::ERR_FAILED/)
  const { page } = opened
  await page.clock.install()
  await page.goto(family.server.url)
  await signIn(page, 'Eve')
  await page.getByText('No photos yet').waitFor()
  await page.route('**/api/media', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  )
  await page.locator('.header input[type=file]').setInputFiles(await png('of-eve.png'))
  await page.getByText('of-eve.png').waitFor()
  await until(async () => (await keptFiles(page)) === 1)
  // On another device.
  await fetch(`${family.server.url}/session?everywhere`, {
    method: 'DELETE',
    headers: { Cookie: await family.join('Eve') },
  })
  const cover = page.getByRole('dialog', { name: 'Sign in' })
  await cover.waitFor()
  await page.unroute('**/api/media')
  // What waits for the network is tried again before it is known who has signed in.
  let answer = () => {}
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route('**/session', async (route) => {
    if (route.request().method() === 'GET') await held
    await route.continue()
  })
  const isFinn = page.waitForResponse((one) => one.request().method() === 'POST' && one.status() === 204)
  await signIn(page, 'Finn')
  await isFinn
  const sent: string[] = []
  page.on('request', (one) => one.method() === 'POST' && sent.push(one.url()))
  await page.clock.runFor(20_000)
  assert.deepEqual(sent, [])
  answer()
  await page.unrouteAll({ behavior: 'wait' })
  await page.locator('.header').getByRole('button', { name: 'Finn' }).waitFor()
  await page.getByText('No photos yet').waitFor()
  assert.equal(await page.getByText('of-eve.png').count(), 0)

  await page.getByRole('button', { name: 'Finn' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await signIn(page, 'Eve')
  await seePicture(page, 'Photo: of-eve.png')
  const of = async (name: string) => {
    const cookie = await family.join(name)
    const answer = await fetch(`${family.server.url}/api/media`, { headers: { Cookie: cookie } })
    return ((await answer.json()) as MediaPage).media.map((one) => one.name)
  }
  assert.deepEqual([await of('Finn'), await of('Eve')], [[], ['of-eve.png']])
  opened.assertClean()
})

test('after signing out in another tab, what waits for the network is sent when its owner is back, and not before', {
  skip,
}, async () => {
  await family.join('Gus')
  await using context = await browser.newContext()
  await using here = await openPage(context, {}, /status of 401|net::ERR_FAILED/)
  const { page } = here
  await page.clock.install()
  await page.goto(family.server.url)
  await signIn(page, 'Gus')
  await page.getByText('No photos yet').waitFor()
  await page.route('**/api/media', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  )
  await page.locator('.header input[type=file]').setInputFiles(await png('waits.png'))
  await page.getByText('waits.png').waitFor()

  await using there = await openPage(context)
  await there.page.goto(family.server.url)
  await there.page.getByRole('button', { name: 'Gus' }).click()
  await there.page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByLabel('Password').waitFor()
  await page.unroute('**/api/media')
  const sent: string[] = []
  page.on('request', (one) => one.method() === 'POST' && sent.push(new URL(one.url()).pathname))
  await page.clock.runFor(20_000)
  assert.deepEqual(sent, [])
  await signIn(page, 'Gus')
  await seePicture(page, 'Photo: waits.png')
  assert.deepEqual(sent, ['/session', '/api/media'])
  here.assertClean()
  there.assertClean()
})

/** How many the browser keeps for this page, or for others that were open. */
async function keptFiles(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const count = async (directory: FileSystemDirectoryHandle): Promise<number> => {
      let found = 0
      const entries = (
        directory as unknown as { entries(): AsyncIterable<[string, FileSystemHandle]> }
      ).entries()
      for await (const [name, entry] of entries)
        found +=
          entry.kind === 'directory'
            ? await count(entry as FileSystemDirectoryHandle)
            : +name.endsWith('.json')
      return found
    }
    return count(await navigator.storage.getDirectory())
  })
}
