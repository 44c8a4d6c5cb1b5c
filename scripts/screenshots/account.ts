import type { Page } from 'playwright-core'
import type { People } from '../../packages/server/src/people/people.ts'
import { type Look, phone, screen } from './shoot.ts'

const password = 'four words nobody guesses'

/** What people do about themselves. */
export async function shootAccount(
  shoot: (name: string, look: Look, show: (page: Page) => Promise<unknown>, from: string) => Promise<void>,
  people: People,
  server: { url: string },
): Promise<void> {
  const { name } = await people.accept(await people.invite(await people.demand('Ann')), password)
  // Passkeys belong to a name.
  const home = `http://localhost:${new URL(server.url).port}/`
  const { headers } = await fetch(new URL('/session', server.url), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, password }),
  })
  const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(headers.get('set-cookie') ?? '') ?? []
  const cookie = { name: key, value }
  const openAccount = async (page: Page) => {
    await page.locator('.tile img[data-shown="true"]').first().waitFor()
    await page.locator('.account').click()
    await page.getByRole('dialog').waitFor()
  }
  const open = async (page: Page, part: string) => {
    await openAccount(page)
    await page.getByRole('button', { name: part }).click()
  }

  await shoot('account-phone', { ...phone, cookie }, openAccount, home)
  const addPasskey = async (page: Page) => {
    await giveDevice(page)
    await open(page, 'Passkeys')
    const label = page.getByLabel('A name for it')
    await label.fill('My phone')
    await label.press('Enter')
    await page.getByText('Added. From now on it signs you in.').waitFor()
    await page.getByRole('button', { name: 'End My phone' }).waitFor()
  }
  await shoot('passkeys', { ...screen, cookie }, addPasskey, home)

  const makeToken = async (page: Page, purpose: string) => {
    await page.getByLabel('What it is for').fill(purpose)
    await page.getByRole('button', { name: 'Make a token' }).click()
    await page.getByRole('button', { name: 'Copy token' }).waitFor()
  }
  await shoot(
    'token-made-phone',
    { ...phone, cookie },
    async (page) => {
      await open(page, 'Tokens for programs')
      await makeToken(page, 'Shortcuts')
    },
    home,
  )
  await shoot(
    'tokens-phone-dark',
    { ...phone, dark: true, cookie },
    async (page) => {
      await open(page, 'Tokens for programs')
      await makeToken(page, 'Backup of the laptop')
      await page.getByRole('button', { name: 'Done' }).click()
      await page.getByRole('button', { name: 'End Backup of the laptop' }).click()
    },
    home,
  )
  await shoot(
    'password-phone',
    { ...phone, cookie },
    async (page) => {
      await open(page, 'Change your password')
      await page.getByLabel('The password that you have now').fill('not this one')
      for (const field of ['New password', 'The same again'])
        await page.getByLabel(field).fill('five other words of hers')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').getByText('not the password').waitFor()
    },
    home,
  )
}

/** A device that knows its holder, as far as the browser sees it. */
async function giveDevice(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', automaticPresenceSimulation: true },
      ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
    },
  })
}
