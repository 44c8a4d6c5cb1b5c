import type { Page } from 'playwright-core'

/** What there is to be shown. */
export interface StatesWorld {
  /** Ids, the newest first. */
  photos: string[]
  album: string
  emptyAlbum: string
  /** Links to the album. */
  view: string
  drop: string
  full: string
  ended: string
  /** `/invite/TOKEN` */
  invitation: string
  picture: { name: string; mimeType: string; buffer: Buffer }
}

export interface State {
  /** Bob has no photos; nobody is signed in to a link, either. @default 'Ann', who has all of it */
  as?: 'Bob' | 'nobody'
  /** Below the server. @default '/' */
  at?: (world: StatesWorld) => string
  /** Brings the page to the state, and waits until it is there. */
  show: (page: Page, world: StatesWorld) => Promise<unknown>
}

export const see = (text: string | RegExp) => (page: Page) => page.getByText(text).first().waitFor()
export const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
export const seeTiles = (page: Page) => page.locator('.tile img[data-shown="true"]').first().waitFor()
export const seePhoto = (page: Page) => page.locator('.current .frame[data-shown="true"]').waitFor()
export const broken = { name: 'words.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('only words') }

export async function select(page: Page): Promise<void> {
  await seeTiles(page)
  await page
    .locator('.tile-open')
    .first()
    .click({ modifiers: ['Shift'] })
  await see('1 selected')(page)
}

export async function choose(page: Page, files: StatesWorld['picture'][]): Promise<void> {
  await page.locator('input[type=file][multiple]').first().setInputFiles(files)
}
