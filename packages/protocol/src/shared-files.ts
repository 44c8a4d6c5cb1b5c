/** What came of files that another app on a phone has shared with the gallery: the server tells its page so, once. */
export interface SharedFilesNote {
  /** One has to sign in first: nothing was taken. */
  signIn?: true
  added: number
  /** With the sentence that says why. */
  refused: { name: string; reason: string }[]
  /** So many more were refused than there is room to say why. */
  more: number
}

/** Its value is {@link SharedFilesNote} as JSON, in UTF-8, in base64url. */
export const sharedFilesCookie = 'tintype_shared'
