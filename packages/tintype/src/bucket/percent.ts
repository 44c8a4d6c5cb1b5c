const unreserved = /^[\w.~-]*$/

/** Percent-encoding as SigV4 wants it: everything but letters, digits and `-._~`. */
export function encode(text: string): string {
  if (unreserved.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
