import type { Media } from '@tintype/protocol'
import type { RouteHooks } from '../hooks/types.ts'

/** What an app's own route takes: the options of its one file field, and of the form. */
export interface UploadOptions extends FieldOptions, FormOptions {
  /** The same as `max`, as 0.1 called it. @default `max` */
  maxFiles?: number | undefined
  /** Of the files, and of the text beside them. */
  limits?: (FileLimitOptions & TextLimitOptions) | undefined
}

/**
 * The file fields of a form, by their names.
 * @example tintype.upload({ photo: { max: 1, accept: ['image/jpeg'] }, gallery: { max: 8, required: false } })
 */
export interface UploadFields {
  /** A field that takes files: `{}` takes what the app takes. */
  [name: string]: FieldOptions
}

/** One field of a form that takes files. */
export interface FieldOptions {
  /** Files in it. @default `limits.files` */
  max?: number | undefined
  /** Whether a form without a file in it is refused. @default true */
  required?: boolean | undefined
  /** Media types that are taken, some of those that the app takes. @default `accept` of `createTintype` */
  accept?: readonly string[] | undefined
  /** Of its files. */
  limits?: FileLimitOptions | undefined
}

/** Limits of the files of one field. They may be lower than those of `createTintype`, never higher. */
export interface FileLimitOptions {
  /** Bytes of one picture. @default `limits.imageBytes` of `createTintype` */
  imageBytes?: number | undefined
  /** Bytes of one video. @default `limits.videoBytes` of `createTintype` */
  videoBytes?: number | undefined
  /** Width times height of one picture. @default `limits.pixels` of `createTintype` */
  pixels?: number | undefined
  /** Frames of one animated picture. @default `limits.frames` of `createTintype` */
  frames?: number | undefined
}

/** What is said of a form as a whole, beside its file fields. */
export interface FormOptions {
  /**
   * `'next'` gives errors to the app's own error handler, as Multer does: a `TintypeError` with `status`, `code`, and where
   * they are known `limit`, `field` and `file`. `'answer'` answers with problem details. @default 'answer'
   */
  errors?: 'answer' | 'next' | undefined
  /** Hooks of this route, which run after those of `createTintype`: they add to them. */
  hooks?: RouteHooks | undefined
  /** Of the text beside the files. */
  limits?: TextLimitOptions | undefined
}

/** Limits of the text fields of a form. */
export interface TextLimitOptions {
  /** How many of them. @default `limits.fields` of `createTintype` */
  fields?: number | undefined
  /** Bytes of one. @default `limits.fieldBytes` of `createTintype` */
  fieldBytes?: number | undefined
  /** Bytes of a field's name. @default `limits.fieldNameBytes` of `createTintype` */
  fieldNameBytes?: number | undefined
}

/**
 * What `tintype.upload()` leaves in `req.media`: a list behind `upload('photo')`, an object of lists by field behind
 * `upload({ photo: …, gallery: … })`, in which every field has its list. The type has both, since Express can't tell
 * handlers what the middleware before them was given.
 * @example app.post('/posts', tintype.upload('photo'), (req, res) => res.json(req.media?.[0]))
 * @example app.post('/albums', tintype.upload({ gallery: { max: 8 } }), (req, res) => res.json(req.media?.gallery))
 */
export type RequestMedia<Data = unknown> = Media<Data>[] & { [field: string]: Media<Data>[] }
