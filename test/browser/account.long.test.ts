/** What people do about themselves: tokens for their programs. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startFamily } from '../people/family.ts'
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
async function openAs(name: string, options: object = {}) {
  const [cookie = '', value = ''] = (await family.join(name)).split('=')
  const opened = await openPage(browser, options)
  await opened.page.context().addCookies([{ name: cookie, value, url: family.server.url }])
  await opened.page.goto(family.server.url)
  return opened
}

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
  await page.getByText('Shortcuts', { exact: true }).waitFor({ state: 'detached' })
  assert.equal((await list()).status, 401)
  opened.assertClean()
})
