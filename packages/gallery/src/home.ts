/**
 * The folder of this page, e.g. `/` or `/photos/`: the server may be reached below a path. Photos have addresses below it,
 * so it is told by where the page's own icon lies.
 */
export const home = new URL(
  '.',
  document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href ?? document.baseURI,
).pathname
