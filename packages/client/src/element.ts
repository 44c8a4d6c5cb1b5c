/** Web components for uploads and pictures: to import this module defines them. */
// First: an element that stands in the page already speaks as soon as it is defined.
import './element/german.ts'

export type { AddedFile } from './added-file.ts'
export { TintypeDrop } from './element/drop.ts'
export { type PictureMedia, TintypeImage } from './element/image.ts'
export type { LeftOut } from './element/left-out.ts'
export { setTexts, type Texts } from './element/texts.ts'
export { type Looking, type NoteAction, TintypeUploads } from './element/uploads.ts'
