import { accept } from './accept.ts'
import { routeHooksKind } from './hooks.ts'
import { flag, type Kind, oneOf } from './kinds.ts'
import { limitOptions, textLimitOptions } from './limits.ts'
import { type Options, optionalGroup } from './read.ts'

/** A limit of the app without its default: where a route leaves it out, the app's holds. */
function ofRoute<T>({ kind, about }: { kind: Kind<T>; about: string }, name: string) {
  return { kind, about, otherwise: `\`limits.${name}\`` }
}

/** Of the files of one field; a route may take less than the app, never more. */
export const fileLimits = {
  imageBytes: ofRoute(limitOptions.imageBytes, 'imageBytes'),
  videoBytes: ofRoute(limitOptions.videoBytes, 'videoBytes'),
  pixels: ofRoute(limitOptions.pixels, 'pixels'),
  frames: ofRoute(limitOptions.frames, 'frames'),
} as const satisfies Options

/** Of the form's text. */
export const textLimits = {
  fields: ofRoute(textLimitOptions.fields, 'fields'),
  fieldBytes: ofRoute(textLimitOptions.fieldBytes, 'fieldBytes'),
  fieldNameBytes: ofRoute(textLimitOptions.fieldNameBytes, 'fieldNameBytes'),
} as const satisfies Options

/** What `tintype.upload({ photo: … })` may say of one file field. */
export const fieldOptions = {
  max: { kind: limitOptions.files.kind, otherwise: '`limits.files`', about: 'files in this field' },
  required: { kind: flag, default: true, about: 'whether a form without a file in this field is refused' },
  accept: {
    kind: accept,
    otherwise: '`accept` of `createTintype`',
    about: 'media types that are taken, some of those that the app takes',
  },
  limits: optionalGroup(fileLimits, 'limits of its files, at most those of the app'),
} as const satisfies Options

/** What is said of the form as a whole, beside its fields. */
export const formOptions = {
  errors: {
    kind: oneOf(['answer', 'next']),
    default: 'answer',
    about: "`next`: errors are not answered but given to the app's own error handler",
  },
  limits: optionalGroup(textLimits, "limits of the form's text"),
  hooks: {
    kind: routeHooksKind,
    otherwise: 'none',
    about: 'hooks of this route, which add to those of `createTintype` ([hooks.md](hooks.md))',
  },
} as const satisfies Options

/** The options of `tintype.upload('photo', options)`: those of the field and those of the form. */
export const uploadOptions = {
  ...fieldOptions,
  ...formOptions,
  maxFiles: {
    kind: limitOptions.files.kind,
    otherwise: '`max`',
    about: 'the same as `max`, as 0.1 called it',
  },
  limits: optionalGroup({ ...fileLimits, ...textLimits }, 'limits of the files and of the text'),
} as const satisfies Options
