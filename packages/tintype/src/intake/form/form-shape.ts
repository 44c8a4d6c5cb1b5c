import type { MediaLimits } from '../../inspect/limits.ts'
import { ConfigError } from '../../settings/error.ts'
import { readOptions, type Values } from '../../settings/read.ts'
import {
  fieldOptions,
  type fileLimits,
  formOptions,
  type textLimits,
  uploadOptions,
} from '../../settings/upload.ts'

/** What a form may bring. */
export interface FormShape {
  /** The fields that take files, by their names. */
  files: ReadonlyMap<string, FileField>
  /** Files of all fields together. */
  maxFiles: number
  text: TextLimits
}

/** One field that takes files. */
export interface FileField {
  /** Files. */
  max: number
  /** Whether a form without a file in it is refused. */
  required: boolean
  limits: MediaLimits
}

/** Text beside the files. */
export interface TextLimits {
  fields: number
  /** Of one field. */
  fieldBytes: number
  fieldNameBytes: number
}

/** What the app takes everywhere: a form of one of its routes may take less. */
export interface AppLimits {
  limits: MediaLimits
  maxFiles: number
  text: TextLimits
}

/** A form with files in one field. */
export function formOfOne(name: string, { limits, maxFiles, text }: AppLimits, max = maxFiles): FormShape {
  return { files: new Map([[name, { max, required: true, limits }]]), maxFiles: max, text }
}

/** What `tintype.upload()` is given of its form. */
export interface ReadForm extends Omit<Values<typeof formOptions>, 'limits'> {
  shape: FormShape
  /** Whether the fields were named one by one: `req.media` is an object then. */
  isByField: boolean
}

/**
 * Reads the arguments of `tintype.upload()`.
 *
 * @param form the name of the one file field, or the file fields by their names
 * @throws {ConfigError}
 */
export function readForm(form: unknown, given: unknown, app: AppLimits): ReadForm {
  if (typeof form === 'object' && form !== null) {
    const { limits, ...options } = readOptions(formOptions, given)
    return { shape: shapeOf(readFields(form), limits, app), isByField: true, ...options }
  }
  const { maxFiles, max = maxFiles, required, accept, limits, ...options } = readOptions(uploadOptions, given)
  const { fields, fieldBytes, fieldNameBytes, ...ofFiles } = limits ?? {}
  const field = { max, required, accept, limits: ofFiles, where: '' }
  const text = { fields, fieldBytes, fieldNameBytes }
  return { shape: shapeOf(new Map([[demandName(form), field]]), text, app), isByField: false, ...options }
}

type Field = Omit<Values<typeof fieldOptions>, 'limits'> & {
  limits: Partial<Values<typeof fileLimits>> | undefined
  /** What the names of its options begin with in errors. */
  where: string
}

function readFields(form: object): Map<string, Field> {
  const fields = Object.entries(form).map(
    ([name, given]) =>
      [demandName(name), { ...readOptions(fieldOptions, given, name), where: `${name}.` }] as const,
  )
  if (fields.length === 0) throw noName()
  return new Map(fields)
}

function shapeOf(
  fields: ReadonlyMap<string, Field>,
  text: Partial<Values<typeof textLimits>> | undefined,
  app: AppLimits,
): FormShape {
  const files = Array.from(fields, ([name, { max = app.maxFiles, required, ...field }]) => {
    return [name, { max, required, limits: narrowed(app.limits, field) }] as const
  })
  const given = [...fields.values()].map(({ max }) => max)
  // Where a field says how many, that holds; those that do not share what one request may bring.
  const shared = given.includes(undefined) ? app.maxFiles : 0
  return {
    files: new Map(files),
    maxFiles: given.reduce<number>((sum, max = 0) => sum + max, shared),
    text: { ...app.text, ...defined(text) },
  }
}

/**
 * The limits of a route's files. They may be narrower than the app's, by which memory was divided and buffers were made;
 * a wider one has to be said to `createTintype`.
 */
function narrowed(
  app: MediaLimits,
  { limits, accept: wanted = app.accept, where }: Omit<Field, 'max' | 'required'>,
): MediaLimits {
  // Those whose decoders are not installed are refused by a sentence that says so.
  const accept = new Set([...wanted].filter((type) => !app.missing?.has(type)))
  const given = defined(limits)
  for (const [name, value] of Object.entries(given)) {
    const most = app[name as keyof typeof given]
    if (value <= most) continue
    throw new ConfigError(
      `${where}limits.${name} is ${value}, but the app takes at most ${most}: raise limits.${name} of createTintype, and narrow the routes.`,
    )
  }
  const further = [...accept].find((type) => !app.accept.has(type))
  if (further === undefined) return { ...app, ...given, accept }
  throw new ConfigError(
    `${where}accept has ${further} in it, which the app does not take: add it to accept of createTintype, and narrow the routes.`,
  )
}

function defined<T extends object>(given: T | undefined): { [Name in keyof T]?: NonNullable<T[Name]> } {
  const entries = Object.entries(given ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Name in keyof T]?: NonNullable<T[Name]> }
}

function demandName(name: unknown): string {
  if (typeof name !== 'string' || name === '') throw noName()
  return name
}

function noName(): ConfigError {
  return new ConfigError(
    "upload() has to be given the name of the form's file field, such as 'photo', or its file fields, such as { photo: { max: 1 } }.",
  )
}
