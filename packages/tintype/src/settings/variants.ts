import {
  usualQuality,
  type VariantFormat,
  type VariantSpec,
  variantFormats,
} from '../variants/variant-spec.ts'
import { ConfigError } from './error.ts'
import { flag, type Kind, oneOf, whole } from './kinds.ts'
import { type Options, readOptions } from './read.ts'
import { shown, wrongKind, wrongText } from './shown.ts'

/** A smaller copy of each photo. */
export interface VariantOptions {
  /** Pixels of the box that it fits into: no picture is ever enlarged. */
  width: number
  /** @default as `width`, so that `width` is the most that the longer side may have */
  height?: number | undefined
  /** `inside`: the whole picture. `cover`: its middle, in the shape of the box. @default 'inside' */
  fit?: 'inside' | 'cover' | undefined
  /** @default 'webp' */
  format?: VariantFormat | undefined
  /** 1 to 100. @default 76 for a small WebP, 80 for a large one and for JPEG, 55 for AVIF */
  quality?: number | undefined
  /** Made without being asked for; else when it is first asked for. @default true */
  eager?: boolean | undefined
}

/** A variant as it was read. */
export type VariantSettings = VariantSpec & { eager: boolean }

/** WebP has at most 16,383; half of it keeps what an encoder takes within the memory of a decoder. */
const longestSide = 8192
const side = whole({ unit: 'pixels', least: 1, most: longestSide })

/** One entry of `variants`. */
export const variantOptions = {
  width: {
    kind: side,
    missing: 'say how many pixels wide it may be.',
    about: 'of the box that it fits into; nothing is enlarged',
  },
  height: { kind: side, otherwise: 'as `width`', about: 'of the box' },
  fit: {
    kind: oneOf(['inside', 'cover']),
    default: 'inside' as const,
    about: '`inside`: the whole picture; `cover`: its middle, in the shape of the box',
  },
  format: {
    kind: oneOf(variantFormats),
    default: 'webp' as const,
    about: '`webp`, `jpeg` or `avif` ([pictures.md](pictures.md))',
  },
  quality: {
    kind: whole({ least: 1, most: 100 }),
    otherwise: 'by format and size',
    about: 'of the encoder',
  },
  eager: {
    kind: flag,
    default: true,
    about: 'made without being asked for; else when it is first asked for',
  },
} as const satisfies Options & Record<keyof VariantOptions, unknown>

/** Names that URLs and the API use for something else, in whichever case: routes make no difference. */
const reserved = new Set(['original', 'image', 'poster', 'download', 'restore', 'versions'])

export const variantsKind: Kind<readonly VariantSettings[]> = {
  right: 'an object with a name for each size, such as { thumb: { width: 320 }, view: { width: 2048 } }',
  check(name, value) {
    if (Object.prototype.toString.call(value) !== '[object Object]')
      throw wrongKind(name, value, variantsKind.right)
    return Object.entries(value as object).map(([called, given]) => readVariant(name, called, given))
  },
  rightText:
    'one or more such as thumb:320, tile:400x400/cover/jpeg/q80 or print:4096/lazy, separated by spaces',
  parse(name, text) {
    const words = text.split(/\s+/).filter((word) => word !== '')
    return words.map((word) => {
      const [, called = '', width, height, more = ''] =
        /^([^:]*):(\d+)(?:x(\d+))?((?:\/\w+)*)$/.exec(word) ?? []
      if (width === undefined) throw wrongText(name, text, variantsKind.rightText ?? '')
      const given: Record<string, unknown> = { width: Number(width) }
      if (height !== undefined) given.height = Number(height)
      for (const part of more.split('/').slice(1)) Object.assign(given, readPart(name, text, part))
      return readVariant(name, called, given)
    })
  },
}

function readPart(name: string, text: string, part: string): Partial<VariantOptions> {
  if (part === 'lazy') return { eager: false }
  if (part === 'cover' || part === 'inside') return { fit: part }
  if (/^q\d+$/.test(part)) return { quality: Number(part.slice(1)) }
  const format = variantFormats.find((one) => one === part)
  if (format) return { format }
  throw wrongText(name, text, variantsKind.rightText ?? '')
}

function readVariant(group: string, name: string, given: unknown): VariantSettings {
  if (!/^[a-z][a-z0-9_-]{0,39}$/i.test(name)) {
    throw new ConfigError(
      `${group} has one called ${shown(name)}; a name has to be 1 to 40 letters, digits, - and _, and begin with a letter: it stands in URLs.`,
    )
  }
  if (reserved.has(name.toLowerCase()))
    throw new ConfigError(
      `${group} has one called "${name}", which means something else in URLs: call it otherwise.`,
    )
  const { width, height = width, quality, ...rest } = readOptions(variantOptions, given, `${group}.${name}`)
  const box = { name, width, height, ...rest }
  return { ...box, quality: quality ?? usualQuality(box) }
}

/** What every photo has where an app says nothing else. */
export const usualVariants = variantsKind.check('variants', { thumb: { width: 320 }, view: { width: 2048 } })
