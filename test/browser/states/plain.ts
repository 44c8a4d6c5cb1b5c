import { type State, see } from './state.ts'

/** Without JavaScript. */
export const plain: Record<string, State> = {
  'signing in without a script': { as: 'nobody', at: () => '/plain', show: see('Sign in') },
  'photos without a script': { at: () => '/plain', show: see('Change your password') },
  'a photo without a script': {
    at: ({ photos: [first] }) => `/plain/photo/${first}`,
    show: see('Save the caption'),
  },
  'albums without a script': { at: () => '/plain/albums', show: see('A week at the lake') },
  'an album without a script': { at: ({ album }) => `/plain/albums/${album}`, show: see('All albums') },
  'a password without a script': { at: () => '/plain/password', show: see('Change it') },
}
