/** Links that let in whoever has them: a log that is read by others must not hold them. */
const secret = /^\/(invite|s)\/[^/]+/i

/** A path as it may be written down. @example loggedPath('/invite/4Jz…') // '/invite/…' */
export function loggedPath(path: string): string {
  return path.replace(secret, (_, place: string) => `/${place}/…`)
}
