import type { UploadHooks } from '../hooks/hooks.ts'
import type { Ticket } from '../intake/finish.ts'
import type { Fields } from '../intake/form/fields.ts'
import type { FormShape } from '../intake/form/form-shape.ts'
import type { Intake } from '../intake/form/intake.ts'
import { hashRequest, type Idempotency, makeOnce } from '../intake/idempotency.ts'
import type { Incoming } from '../memory/body.ts'
import { checkCaption } from '../record-checks.ts'
import type { MediaWithVariants } from '../records/media-records.ts'
import type { UploadRow } from '../records/schema.ts'

export interface ReceiveOptions {
  intake: Intake
  idempotency: Idempotency
}

export interface FormRequest {
  owner: string
  form: FormShape
  /** As the app's framework has it. */
  request: object
  /** Those of the app and of its route. @default those of the app */
  hooks?: UploadHooks | undefined
  /** Whether the client can be told to ask later, when the app's scan takes long. @default it is waited for */
  mayAnswerEarly?: boolean
  /** Names an app's own route, where the text beside the caption means something, and a key is another one than elsewhere. */
  ownRoute?: string
}

export interface Received {
  /** Sessions of the files, where the app's scan takes long: then nothing is made yet. */
  scanning: UploadRow[]
  made: MediaWithVariants[]
  /** False when a request with the same Idempotency-Key had made them before. */
  isNew: boolean
  fields: Fields
  /** The form's field of each file. */
  fileFields: readonly string[]
}

/**
 * Makes media of the files of a form; for requests with the same Idempotency-Key once.
 *
 * @throws {TintypeError} with nothing visible
 */
export async function receiveMedia(
  incoming: Incoming,
  { intake, idempotency }: ReceiveOptions,
  { owner, request, hooks, ownRoute, mayAnswerEarly = false, form }: FormRequest,
): Promise<Received> {
  const once = beginOnce(incoming, idempotency, owner, ownRoute)
  // Where there is one field for files alone, nothing has to be said of it.
  const whatCounts = (fields: Fields, fileFields: readonly string[]) => {
    if (ownRoute === undefined) return []
    return form.files.size === 1 ? [fields] : [fields, fileFields]
  }
  try {
    const from = { form, owner, request, hooks, ...(once ? { isRepeated: once.isRepeated } : {}) }
    return await intake.receive(incoming, from, async ({ files, fileFields, fields, memory, handOver }) => {
      if (files.length === 0) return { made: [], scanning: [], isNew: true, fields, fileFields }
      const caption = checkCaption(fields.caption)
      const hash = () => hashRequest(files, caption, whatCounts(fields, fileFields))
      const origin = { owner, way: 'form', fields, request, hooks, memory } as const
      const ticket = { ...origin, signal: incoming.signal, caption }
      const result = await makeOnce(once, hash, async (asked) => {
        const create = (more?: Pick<Ticket, 'answerSlow'>) =>
          intake.create(files, { ...ticket, ...more, once: asked })
        return mayAnswerEarly ? createOrScan(create, handOver) : { made: await create(), scanning: [] }
      })
      return { ...result, fields, fileFields }
    })
  } finally {
    once?.end()
  }
}

/** The media, or the sessions to ask for them. In that case the work goes on, and the sessions tell how it ends. */
export function createOrScan(
  create: (more: Pick<Ticket, 'answerSlow'>) => Promise<MediaWithVariants[]>,
  handOver: () => void,
): Promise<Pick<Received, 'made' | 'scanning'>> {
  const { promise, resolve } = Promise.withResolvers<UploadRow[]>()
  const answerSlow = (uploads: UploadRow[]) => {
    handOver()
    resolve(uploads)
  }
  return Promise.race([
    create({ answerSlow }).then((made) => ({ made, scanning: [] })),
    promise.then((scanning) => ({ made: [], scanning })),
  ])
}

/** The claim on the request's Idempotency-Key, where it has one. */
export function beginOnce(
  { headers }: Pick<Incoming, 'headers'>,
  idempotency: Idempotency,
  owner: string,
  scope?: string,
): ReturnType<Idempotency['begin']> | undefined {
  const { 'idempotency-key': key } = headers
  return key === undefined ? undefined : idempotency.begin(owner, String(key), scope)
}
