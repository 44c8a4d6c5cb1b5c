import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Sender } from 'tintype/internal/http/owner'
import type { Tintype } from 'tintype/internal/tintype'

/** By which of the library's doors the site reaches the API. */
export interface SiteDoor {
  /** @returns answers what comes for the API, which is mounted at this path */
  open(tintype: Tintype): (req: IncomingMessage, res: ServerResponse, mount: string) => void
  /** @param request as the door hands it to `authenticate` */
  senderOf(request: object): Sender
}

export const nodeDoor: SiteDoor = {
  open: (tintype) => (req, res, mount) => tintype.node(req, res, { mount }),
  senderOf(request) {
    const { headers, socket, ip } = request as IncomingMessage & { ip?: string }
    const remoteAddress = socket.remoteAddress ?? ''
    return { headers, remoteAddress, clientAddress: ip ?? remoteAddress }
  },
}
