/** Links that let their holders in: a log that is read by others must not have them. */
const secret = /(\/|%2f)(invite|s)(?:\/|%2f)+[^/]+/gi

/** A path as it may be written down. @example loggedPath('/invite/4Jz…') // '/invite/…' */
export function loggedPath(path: string): string {
  return path.replace(secret, '$1$2/…')
}
