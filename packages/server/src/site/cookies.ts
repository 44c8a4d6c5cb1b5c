import type { Asked, OwnAddress } from 'tintype/internal/http/address'

/** A cookie of the site: pages of other sites can't write with it, and scripts can't read it unless it is for them. */
export interface SiteCookie {
  /** All that the browser sends under this name: another server on this host may have left one, at another port or path. */
  read(headers: Asked['headers']): string[]
  /** @param age seconds. @returns the value of a Set-Cookie header */
  set(asked: Asked, value: string, age: number): string
  clear(asked: Asked): string
}

/** More of one name come from nobody but those who want to keep us busy. */
const mostOfOneName = 5

/**
 * @param below where it is sent to, below the path of the app, e.g. `/invite`; empty for all of the site
 * @param isForScripts whether the page's own script reads it: for what is no secret
 */
export function createCookie(name: string, own: OwnAddress, below = '', isForScripts = false): SiteCookie {
  const pattern = new RegExp(`(?:^|; *)${name}=([\\w-]+)(?=;|$)`, 'g')
  // Lax: a link in a mail or a chat shows what it leads to. Nothing is changed by GET, and writes that other sites' pages
  // send come without the cookie, and are refused by their Origin besides.
  const attributes = (asked: Asked) =>
    `Path=${own.of(asked).path + below || '/'}${isForScripts ? '' : '; HttpOnly'}; SameSite=Lax${isSecure(asked, own) ? '; Secure' : ''}`
  const set = (asked: Asked, value: string, age: number) =>
    `${name}=${value}; Max-Age=${age}; ${attributes(asked)}`
  return {
    read: ({ cookie = '' }) =>
      Array.from(cookie.matchAll(pattern), ([, value = '']) => value).slice(0, mostOfOneName),
    set,
    clear: (asked) => set(asked, '', 0),
  }
}

/**
 * Whether the browser reaches us by https, also where a proxy ends TLS and nobody has set PUBLIC_URL: browsers send
 * Sec-Fetch-Site by https, and to this very machine, and not otherwise. What a proxy says of it any client could say, too.
 */
function isSecure(asked: Asked, own: OwnAddress): boolean {
  if (own.of(asked).origin.startsWith('https:')) return true
  const { host = '', 'sec-fetch-site': site } = asked.headers
  return (
    !own.isSet && site !== undefined && !/^([\w-]+\.)?localhost(:|$)|^127\.[\d.]+(:|$)|^\[::1\]/i.test(host)
  )
}
