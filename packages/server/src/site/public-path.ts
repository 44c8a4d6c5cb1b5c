import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * For an app that people reach below a path, `https://example.org/photos`. Some proxies take the path off, others leave
 * it: what comes with it is served as if it came without. Also takes off scheme and host, which may stand in a request
 * line (RFC 9112 section 3.2.2).
 *
 * @param path without a slash at its end; empty at the root
 */
export function belowPath(
  path: string,
  serve: (req: IncomingMessage, res: ServerResponse) => void,
): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    let url = (req.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '')
    if (!url.startsWith('/') && url !== '*') url = `/${url}`
    if (path !== '' && /^[?]|^$/.test(url.startsWith(path) ? url.slice(path.length) : '/')) {
      // Without its slash, a page's relative addresses would lead beside it.
      res.writeHead(308, { Location: `${path}/${url.slice(path.length)}` }).end()
      return
    }
    req.url = path !== '' && url.startsWith(`${path}/`) ? url.slice(path.length) : url
    serve(req, res)
  }
}
