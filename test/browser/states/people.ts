import type { Page } from 'playwright-core'
import { password } from '../../people/family.ts'
import { press, type State, see } from './state.ts'

/** Signing in, and what people do about themselves. */
export const people: Record<string, State> = {
  'signing in': { as: 'nobody', show: see('Sign in to see yours') },
  'signing in by a wrong password': {
    as: 'nobody',
    async show(page) {
      await page.getByLabel('Name').fill('Ann')
      await page.getByLabel('Password').fill('not hers')
      await page.keyboard.press('Enter')
      await see('Name or password is wrong')(page)
    },
  },
  'signing in by the token': {
    as: 'nobody',
    async show(page) {
      await press(page, 'Use the access token instead')
      await page.getByLabel('Access token').waitFor()
    },
  },
  'an invitation': { as: 'nobody', at: ({ invitation }) => invitation, show: see('Welcome') },
  'an invitation that is over': { as: 'nobody', at: () => '/invite', show: see('This invitation is over') },
  'one’s account': { as: 'Bob', show: (page) => openAccount(page) },
  'no passkeys yet': {
    as: 'Bob',
    async show(page) {
      await openAccount(page, 'Passkeys')
      await see('Sign in by finger')(page)
    },
  },
  'a token that was made': {
    as: 'Bob',
    async show(page) {
      await openAccount(page, 'Tokens for programs')
      await page.getByLabel('What it is for').fill('curl')
      await press(page, 'Make a token')
      await page.getByRole('button', { name: 'Copy token' }).waitFor()
    },
  },
  'a token that is to end': {
    as: 'Bob',
    async show(page) {
      await openAccount(page, 'Tokens for programs')
      await press(page, /^End /)
      await page.getByRole('button', { name: 'End it now' }).waitFor()
    },
  },
  'a password that is to be changed': {
    as: 'Bob',
    async show(page) {
      await openAccount(page, 'Change your password')
      await page.getByLabel('New password').waitFor()
    },
  },
  'a password that is wrong': {
    as: 'Bob',
    async show(page) {
      await changePassword(page, 'not his')
      await see('This is not the password')(page)
    },
  },
  'a password that was changed': {
    as: 'Bob',
    async show(page) {
      await changePassword(page, password)
      await see('Changed.')(page)
    },
  },
}

async function openAccount(page: Page, part?: string): Promise<void> {
  await page.locator('.account').click()
  await page.getByRole('dialog').waitFor()
  if (part) await press(page, part)
}

async function changePassword(page: Page, current: string): Promise<void> {
  await openAccount(page, 'Change your password')
  await page.getByLabel('The password that you have now').fill(current)
  for (const field of ['New password', 'The same again']) await page.getByLabel(field).fill(password)
  await page.keyboard.press('Enter')
}
