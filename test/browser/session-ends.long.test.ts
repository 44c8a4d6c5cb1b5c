/** What was on its way when a session ended: it goes on for its owner, and for nobody else. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { MediaPage } from '@tintype/protocol'
import type { Page } from 'playwright-core'
import { startFamily } from '../people/family.ts'
import { until } from '../support/until.ts'
import { launchBrowser, openProfile } from './browser.ts'
import { openPage, png, seePicture, signIn } from './page.ts'
import { startServer } from './server.ts'
import { startStorage } from './storage.ts'
import { writeVideo } from './video.ts'

const launched = await launchBrowser()
const skip = typeof launched === 'string' && launched
const { browser } = typeof launched === 'string' ? { browser: null as never } : launched
const family = skip ? (null as never) : await startFamily({ RATE_SIGN_IN: 'off' }, ['Eve'])
after(async () => {
  if (typeof launched === 'string') return
  await family[Symbol.asyncDispose]()
  await launched[Symbol.asyncDispose]()
})

/** Signs in, and chooses a photo that waits for the network. */
async function chooseOffline(page: Page, name: string, file: string): Promise<void> {
  await page.clock.install()
  await page.goto(family.server.url)
  await signIn(page, name)
  await page.getByText('No photos yet').waitFor()
  await page.route('**/api/media', (route) =>
    route.request().method() === 'POST' ? route.abort() : route.continue(),
  )
  await page.locator('.header input[type=file]').setInputFiles(await png(file))
  await page.getByText(file).waitFor()
}

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
  await chooseOffline(page, 'Eve', 'of-eve.png')
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
  await chooseOffline(page, 'Gus', 'waits.png')

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

test('after signing out here, what waits for the network does not go to somebody else who signs in', {
  skip,
}, async () => {
  for (const name of ['Hal', 'Ida']) await family.join(name)
  await using opened = await openPage(browser, {}, /status of 401|net::ERR_FAILED/)
  const { page } = opened
  await chooseOffline(page, 'Hal', 'of-hal.png')
  page.on('dialog', (dialog) => dialog.accept())
  await page.getByRole('button', { name: 'Hal', exact: true }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.getByLabel('Password').waitFor()
  const isKnown = Promise.withResolvers<void>()
  await page.route('**/session', async (route) => {
    if (route.request().method() === 'GET') await isKnown.promise
    await route.continue()
  })
  const isIda = page.waitForResponse((one) => one.request().method() === 'POST' && one.status() === 204)
  await signIn(page, 'Ida')
  await isIda
  const sent: string[] = []
  page.on('request', (one) => one.method() === 'POST' && sent.push(one.url()))
  await page.unroute('**/api/media')
  await page.clock.runFor(20_000)
  assert.deepEqual(sent, [])
  isKnown.resolve()
  await page.locator('.header').getByRole('button', { name: 'Ida' }).waitFor()
  await page.getByText('No photos yet').waitFor()
  opened.assertClean()
})

test('an old answer that nobody is signed in, after a newer one that somebody is, changes nothing', {
  skip,
}, async () => {
  await family.join('Jo')
  await using opened = await openPage(browser, {}, /status of 401/)
  const { page } = opened
  await page.goto(family.server.url)
  await signIn(page, 'Jo')
  await page.getByText('No photos yet').waitFor()
  const isLate = Promise.withResolvers<void>()
  const asked = page.waitForRequest('**/session')
  let first = true
  await page.route('**/session', async (route) => {
    if (!first) return route.continue()
    first = false
    await isLate.promise
    await route.fulfill({ json: { signedIn: false, required: true, ways: ['password'] } })
  })
  const tellOthers = () =>
    page.evaluate(() => {
      const tab = new BroadcastChannel('tintype session')
      tab.postMessage('changed')
      tab.close()
    })
  await tellOthers()
  await asked
  const newer = page.waitForResponse('**/session')
  await tellOthers()
  assert.equal((await (await newer).json()).name, 'Jo')
  const old = page.waitForResponse('**/session')
  isLate.resolve()
  await (await old).finished()
  await page.evaluate(() => fetch('/healthz'))
  assert.equal(await page.getByLabel('Password').count(), 0)
  await page.locator('.header input[type=file]').setInputFiles(await png('goes-on.png'))
  await seePicture(page, 'Photo: goes-on.png')
  opened.assertClean()
})

test('a server that asks nobody to sign in any more shows its photos when one comes back to the page', {
  skip,
}, async () => {
  await using server = await startServer()
  await using opened = await openPage(browser, {}, /status of 404/)
  const { page } = opened
  let hasSessions = true
  await page.route('**/session', (route) =>
    hasSessions
      ? route.fulfill({ json: { signedIn: false, required: true } })
      : route.fulfill({ status: 404, json: { status: 404, code: 'not_found' } }),
  )
  await page.goto(server.url)
  await page.getByLabel('Token').waitFor()
  hasSessions = false
  await page.evaluate(() => window.dispatchEvent(new Event('focus')))
  await page.getByText('No photos yet').waitFor()
  opened.assertClean()
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
