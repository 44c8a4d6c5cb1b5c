import type { Page } from 'playwright-core'
import { press, type State, type StatesWorld, see, seeTiles, select } from './state.ts'

const inAlbum = ({ album }: StatesWorld) => `/album/${album}`

/** Albums, and what their owner does with links. */
export const albums: Record<string, State> = {
  albums: { at: () => '/albums', show: see('A week at the lake') },
  'no albums yet': {
    as: 'Bob',
    at: () => '/albums',
    show: (page) => page.getByRole('button', { name: 'New album' }).first().waitFor(),
  },
  'a new album': {
    at: () => '/albums',
    async show(page) {
      await press(page, 'New album')
      await page.getByRole('dialog', { name: 'New album' }).waitFor()
    },
  },
  'an album': { at: inAlbum, show: seeTiles },
  'an album with nothing in it': {
    at: ({ emptyAlbum }) => `/album/${emptyAlbum}`,
    show: see('Nothing in this album yet'),
  },
  'an album that is not there': {
    at: () => '/album/AAAAAAAAAAAAAAAAAAAAAA',
    show: see('This album can’t be shown'),
  },
  'an album that is renamed': {
    at: inAlbum,
    async show(page) {
      await press(page, 'Rename the album')
      await page.getByRole('button', { name: 'Save' }).waitFor()
    },
  },
  'an album that is to be deleted': {
    at: inAlbum,
    async show(page) {
      await press(page, 'Delete album')
      await page.getByRole('dialog').or(page.getByRole('alertdialog')).waitFor()
    },
  },
  'a selection that is added to an album': {
    async show(page) {
      await select(page)
      await page.getByTitle('Add to album').click()
      await see('Add to a new album')(page)
    },
  },
  'links to an album': { at: inAlbum, show: openShare },
  'a link by which others send': {
    at: inAlbum,
    async show(page) {
      await openShare(page)
      await page.getByRole('radio', { name: 'send photos' }).check()
    },
  },
  'a link that was made': {
    at: inAlbum,
    async show(page) {
      await openShare(page)
      await press(page, 'Make the link')
      await page.getByRole('img', { name: 'QR code' }).waitFor()
    },
  },
  'a link that is to allow less': {
    at: inAlbum,
    async show(page) {
      await openShare(page)
      await press(page, 'Allow less')
      await page.getByRole('button', { name: 'Save' }).waitFor()
    },
  },
  'a link that is to end': {
    at: inAlbum,
    async show(page) {
      await openShare(page)
      await press(page, 'End it')
      await page.getByRole('button', { name: 'End it now' }).waitFor()
    },
  },
}

async function openShare(page: Page): Promise<void> {
  await press(page, 'Share')
  await see('Links to this album')(page)
}
