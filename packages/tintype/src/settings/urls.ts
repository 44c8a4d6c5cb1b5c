import { ConfigError } from './error.ts'
import { quoted, wrong } from './shown.ts'

/** The address of the app as people reach it, in one spelling: `https://example.org/photos`, never with a slash at its end. */
export function readPublicUrl(name: string, value: string): string {
  const url = readUrl(name, value, 'https://photos.example')
  if (!/^(\/[\w.~-]+)*\/?$/.test(url.pathname)) {
    throw new ConfigError(
      `${name} has a path that can't be served below; take letters, digits and -._~ between single slashes, such as https://example.org/photos.`,
    )
  }
  return originOf(url) + url.pathname.replace(/\/$/, '')
}

const originExample = 'http://localhost:5173'

/** `https://app.example`: scheme, host and port, nothing else. */
export function readOrigin(name: string, value: unknown): string {
  if (typeof value !== 'string') throw wrong(name, value, `an origin such as ${originExample}`)
  if (value.includes('*')) {
    throw new ConfigError(
      `${name} has a * in it, but an origin stands for the pages of one site: name each, such as ${originExample}.`,
    )
  }
  const url = readUrl(name, value, originExample)
  if (url.pathname !== '/') {
    throw new ConfigError(
      `${name} has a path, but an origin ends with its host and port: write ${originOf(url)}.`,
    )
  }
  return originOf(url)
}

/** Of a service that speaks S3. A path is taken: gateways have one. */
export function readEndpoint(name: string, value: string): string {
  readUrl(name, value, 'https://s3.example')
  return value
}

/**
 * An origin in the one spelling that browsers use: lower case, without the port that the scheme has anyway, and
 * without the dot that may end a host's name (`photos.example.` is the same host to DNS).
 */
export function originOf(url: URL): string {
  return url.hostname.endsWith('.') ? url.origin.replace(url.hostname, url.hostname.slice(0, -1)) : url.origin
}

function readUrl(name: string, value: string, example: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || /^\.|\.\./.test(url.hostname)) {
    throw new ConfigError(`${name}${quoted(value)}; it has to be an address such as ${example}.`)
  }
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(value)) {
    throw new ConfigError(
      `${name} has a user or password in it: write the address alone, such as ${example}. Keys have variables of their own.`,
    )
  }
  if (url.search !== '' || url.hash !== '' || /[?#]$/.test(value)) {
    throw new ConfigError(`${name} ends with a query or a fragment: leave out what begins with ? or #.`)
  }
  return url
}
