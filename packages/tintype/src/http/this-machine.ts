import type { IncomingHttpHeaders } from 'node:http'

/** What is known of a request before it is answered. */
export interface SeenRequest {
  headers: IncomingHttpHeaders
  /** Where the connection comes from; undefined where the door does not know it. */
  peer: string | undefined
}

/** What proxies, tunnels and content networks add to a request, and no program on this machine does. */
const addedByProxies = new RegExp(
  `^(${[
    'x-forwarded(-.+)?|forwarded(-for)?|x-forwarder-for|via|proxy-connection|surrogate-capability|cdn-loop',
    '(x-)?(real|client|cluster-client|true-client|remote|originating|proxyuser)-(ip|addr)|x-remote-host',
    'x-original-(for|host|url|uri|forwarded-for)|x-scheme|x-nginx-proxy|x-proxy-.+|front-end-https|x-varnish',
    'x-(envoy|azure|amzn|amz-cf|appengine|akamai|arr|ms-proxy|nf|railway|sucuri|vercel)(-.+)?|x-cloud-trace-context',
    '(akamai|cf|fastly|fly|incap|ngrok|tailscale)-.+',
  ].join('|')})$`,
)

/** The owner of everything where only this machine is let in. */
export const thisMachinesOwner = 'owner'

/**
 * Why a request does not count as one of this very machine; undefined if it does.
 *
 * - A page elsewhere can point a name of its own at 127.0.0.1 and have a browser here ask by it (DNS rebinding): so the
 *   Host has to be a name that is always this machine's.
 * - Behind a proxy or a tunnel on this machine, every client comes from 127.0.0.1: so what proxies add is refused.
 *
 * @param names further hosts by which this machine may be asked, in lower case and without a port
 */
export function strangerToThisMachine(
  { headers, peer }: SeenRequest,
  names: ReadonlySet<string> = new Set(),
): string | undefined {
  const added = Object.keys(headers).find((name) => addedByProxies.test(name))
  if (added !== undefined) return `it came by a proxy, which added the header ${added}`
  if (peer === undefined) return 'its origin is unknown (give tintype.fetch its remoteAddress, or the owner)'
  if (!isLoopbackAddress(peer)) return 'it came from another machine'
  const host = hostOf(headers.host)
  if (host === undefined) return 'it names no host'
  return isLoopbackName(host) || names.has(host)
    ? undefined
    : 'it asks for a host that need not be this machine'
}

/** In lower case, without port and without the dot that may end a name. */
export function hostOf(header: string | undefined): string | undefined {
  const [, name] = /^(\[[\da-f:.]+\]|[^:[\]]+?)\.?(?::\d*)?$/i.exec(header ?? '') ?? []
  return name?.toLowerCase()
}

/** Names that lead to this machine, whatever a DNS server says (RFC 6761 section 6.3). */
function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || isLoopbackIPv4(host)
}

function isLoopbackAddress(peer: string): boolean {
  return peer === '::1' || isLoopbackIPv4(peer.replace(/^::ffff:/i, ''))
}

function isLoopbackIPv4(text: string): boolean {
  const [first, ...others] = text.split('.')
  return (
    first === '127' &&
    others.length === 3 &&
    others.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
  )
}
