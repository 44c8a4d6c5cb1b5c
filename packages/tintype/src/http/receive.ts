import type { Request, Response } from 'express'
import { TintypeError } from '../errors.ts'
import type { Fields } from '../intake/form/fields.ts'
import type { Intake } from '../intake/form/intake.ts'
import { hashRequest, type Idempotency } from '../intake/idempotency.ts'
import { checkCaption } from '../media-api.ts'
import { clientSignal } from '../memory/client-signal.ts'
import type { MediaWithVariants } from '../records/media-records.ts'

export interface ReceiveOptions {
  intake: Intake
  idempotency: Idempotency
}

export interface FormRequest {
  owner: string
  /** Name of the file field. */
  field: string
  maxFiles?: number
  /** Whether a form without a file is refused. @default true */
  required?: boolean
  /** On an app's own route, where the text beside the caption means something, and a key is another one than elsewhere. */
  ownRoute?: boolean
}

export interface Received {
  made: MediaWithVariants[]
  /** False when a request with the same Idempotency-Key had made them before. */
  isNew: boolean
  fields: Fields
}

/**
 * Makes media of the files of a form; for requests with the same Idempotency-Key once.
 *
 * @throws {TintypeError} with nothing visible
 */
export async function receiveMedia(
  req: Request,
  res: Response,
  { intake, idempotency }: ReceiveOptions,
  { owner, ownRoute = false, ...form }: FormRequest,
): Promise<Received> {
  const header = req.get('Idempotency-Key')
  const scope = ownRoute ? `${req.method} ${req.originalUrl.replace(/\?.*/s, '')}` : undefined
  const request = header === undefined ? undefined : idempotency.begin(owner, header, scope)
  try {
    return await intake.receive(req, res, { ...form, owner }, async ({ files, fields }) => {
      if (files.length === 0) return { made: [], isNew: true, fields }
      const caption = checkCaption(fields.caption)
      const hash = request && hashRequest(files, caption, ownRoute ? fields : undefined)
      const asked = request && hash !== undefined ? { key: request.key, hash } : undefined
      const earlier = async () => asked && request?.earlier(asked.hash)
      const repeated = await earlier()
      if (repeated) return { made: repeated, isNew: false, fields }
      try {
        const ticket = { owner, signal: clientSignal(req), caption, request: asked }
        return { made: await intake.create(files, ticket), isNew: true, fields }
      } catch (error) {
        // Another process was faster with the same key: its media are the answer.
        const made = isConflict(error) ? await earlier() : undefined
        if (!made) throw error
        return { made, isNew: false, fields }
      }
    })
  } finally {
    request?.end()
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof TintypeError && error.code === 'conflict'
}
