import { broken, choose, type State, see, seePhoto, seeTiles } from './state.ts'

/** What is shown to people who were sent a link. */
export const guests: Record<string, State> = {
  'an album that is shared': { as: 'nobody', at: ({ view }) => view, show: seeTiles },
  'a photo of an album that is shared': {
    as: 'nobody',
    at: ({ view }) => view,
    async show(page) {
      await seeTiles(page)
      await page.locator('.tile-open').first().click()
      await seePhoto(page)
    },
  },
  'an album to send into': { as: 'nobody', at: ({ drop }) => drop, show: see('Send up to') },
  'an album to which something was sent, and something not': {
    as: 'nobody',
    at: ({ drop }) => drop,
    async show(page, { picture }) {
      await choose(page, [picture, broken])
      await see('Thank you')(page)
      await see('1 file failed')(page)
    },
  },
  'something that was sent is to be taken back': {
    as: 'nobody',
    at: ({ drop }) => drop,
    async show(page, { picture }) {
      await choose(page, [picture])
      await page
        .getByRole('button', { name: /^Take .* back$/ })
        .first()
        .click()
      await see('leaves the album at once')(page)
    },
  },
  'a link that is full': { as: 'nobody', at: ({ full }) => full, show: see('nothing more can be sent') },
  'a link that has ended': { as: 'nobody', at: ({ ended }) => ended, show: see('This link has ended') },
  'a link that was not opened here': {
    as: 'nobody',
    at: () => '/shared/AAAAAAAAAAAAAAAAAAAAAA',
    show: see('Open the link again'),
  },
}
