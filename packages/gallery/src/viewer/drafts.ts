/** What was written of a photo and is not saved. */
export interface Draft {
  caption: string
  alt: string
}

const keyOf = (id: string) => `tintype.draft.${id}`

/** In this tab, through reloads: until it is saved or given up. */
export function readDraft(id: string): Draft | null {
  try {
    const { caption, alt } = JSON.parse(sessionStorage.getItem(keyOf(id)) ?? 'null') ?? {}
    return typeof caption === 'string' && typeof alt === 'string' ? { caption, alt } : null
  } catch {
    return null
  }
}

export function keepDraft(id: string, draft: Draft | null): void {
  try {
    if (draft) sessionStorage.setItem(keyOf(id), JSON.stringify(draft))
    else sessionStorage.removeItem(keyOf(id))
  } catch {
    // Without storage the text lasts as long as the page.
  }
}
