import { maxCaptionLength } from '@tintype/protocol'
import { TintypeError } from './errors.ts'

/** @throws {TintypeError} `invalid_parameter` */
export function checkCaption(caption: unknown): string | null {
  if (caption === null || caption === undefined || caption === '') return null
  if (typeof caption !== 'string')
    throw new TintypeError('invalid_parameter', 'caption is one string, or null.')
  if (caption.length > maxCaptionLength) {
    throw new TintypeError('invalid_parameter', `A caption has at most ${maxCaptionLength} characters.`, {
      limit: maxCaptionLength,
    })
  }
  if (caption.includes('\0'))
    throw new TintypeError('invalid_parameter', 'The caption holds a NUL character.')
  return caption.toWellFormed()
}
