/**
 * The folder of this page, e.g. `/` or `/photos/`: the server may be reached below a path. Photos have addresses below it,
 * so it is told by where the page's own icon lies.
 */
export const home = new URL(
  '.',
  document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? document.baseURI,
).pathname

/** The link by which a guest is here; null on the pages of those whose photos these are. */
export const guestLink = /^shared\/([\w-]+)/.exec(location.pathname.slice(home.length))?.[1] ?? null
