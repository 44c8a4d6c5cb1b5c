import { TintypeError } from '../../errors.ts'
import { type Answer, type ApiRequest, emptyAnswer } from '../exchange.ts'
import { keepBody } from '../guard.ts'
import type { Call, Handler, Route } from '../routes.ts'
import { createDraft, draftOptions, isResumableCreation } from './draft.ts'
import type { ResumableRoutesOptions } from './options.ts'
import { createTus, isTus, tusOptions } from './tus.ts'

/** `/files` and what is below it: tus and the IETF's draft, told apart by their header fields. */
export function resumableRoutes(options: ResumableRoutesOptions): Route[] {
  const tus = createTus(options)
  const draft = createDraft(options)

  const create: Handler = async (request, call) => {
    keepBody(request)
    const isDraft = isResumableCreation(request) && !isTus(request)
    return isDraft ? draft.create(request, await options.ownerOf(request), call) : tus.create(request, call)
  }

  /** Those who speak neither are answered as the draft does, whose requests need name no version. */
  const by =
    (name: 'state' | 'append' | 'cancel') =>
    (request: ApiRequest, call: Call): Promise<Answer> => {
      keepBody(request)
      return (isTus(request) ? tus : draft)[name](request, call)
    }

  const methods: Record<string, Handler> = { GET: by('state'), PATCH: by('append'), DELETE: by('cancel') }

  /** For clients that can send nothing but GET and POST. */
  const override: Handler = (request, call) => {
    const { 'x-http-method-override': wanted = '' } = request.headers
    const name = String(wanted).toUpperCase()
    const handler = methods[name === 'HEAD' ? 'GET' : name]
    if (!handler) throw new TintypeError('method_not_allowed', 'Served here: GET, HEAD, PATCH, DELETE.')
    return handler(request, call)
  }

  const about: Handler = () => emptyAnswer(204, { ...tusOptions(options), ...draftOptions(options) })

  return [
    { path: '/files', methods: { POST: create, OPTIONS: about } },
    { path: '/files/:id', methods: { ...methods, POST: override, OPTIONS: about } },
  ]
}
