import type { Omission } from './left-out.ts'
import { type DropTexts, provideTexts } from './texts.ts'

/** `a.txt, b.pdf, c.zip, …` */
export const some = (names: readonly string[]) =>
  names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '')

export type Reasons = Record<Omission['reason'], string>

const reasons: Reasons = {
  not_media: 'not photos or videos',
  hidden: 'hidden',
  more_than_one: 'only one is taken',
  empty_folder: 'This folder is empty.',
  broken_folder: 'This folder can’t be read to its end. Check what is missing, and drop it again.',
  no_file: 'It is no file that the browser can read. Save it first, then drop it from its folder.',
  unreadable: 'It can’t be read. Choose the files instead.',
  no_dialog: 'The browser did not open its dialog. Press the button again: it will open another one.',
}

const en: DropTexts = {
  choose: 'Choose photos and videos',
  orDrop: 'or drop them here',
  dropHere: 'Drop to add',
  tooOld: 'This browser is too old to upload. Please use a newer one.',
  media: 'Photos and videos',
  dropped: 'What was dropped',
  leftOut: ({ reason, files }) =>
    files.length === 0
      ? reasons[reason]
      : `${files.length} ${files.length === 1 ? 'file' : 'files'} left out (${reasons[reason]}): ${some(files)}`,
}

provideTexts('en', en)
