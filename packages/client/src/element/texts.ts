import type { UploadError } from '../errors.ts'
import type { Omission } from './left-out.ts'

/** What a drop says. */
export interface DropTexts {
  /** On the button that opens the browser's dialog. */
  choose: string
  /** Beside it, where files can be dropped. */
  orDrop: string
  /** Over the page, while files are dragged over it. */
  dropHere: string
  /** The browser can't upload. */
  tooOld: string
  /** What the browser's dialog offers. */
  media: string
  /** What has no name that is known. */
  dropped: string
  /** Why something is left out; its name stands before it. */
  leftOut: (what: Omission) => string
}

/** What the list of uploads says. Sizes, times and shares come as the language writes them. */
export interface ListTexts {
  /** Names of buttons, with the file's name. */
  pause: (name: string) => string
  resume: (name: string) => string
  retry: (name: string) => string
  /** Stops it; of several files with what `files` says. */
  cancel: (name: string) => string
  /** Takes it off the list: it has failed, was left out or is done. */
  dismiss: (name: string) => string
  chooseAgain: (name: string) => string
  /** Buttons for all of them. */
  pauseAll: string
  resumeAll: string
  retryAll: string
  dismissAll: string
  cancelAll: string
  /** Names of the button that folds the list. */
  showFiles: string
  hideFiles: string
  /** States of a file. */
  queued: string
  checking: string
  done: string
  paused: (share: string) => string
  /** It goes on when it is chosen once more. */
  needsFile: (share: string) => string
  /** It is sent from the start again. */
  changed: string
  offline: string
  unreachable: string
  tryingAgain: (time: string) => string
  /** How far one file is. */
  percent: (percent: number, size: string) => string
  left: (time: string) => string
  /** What is to be sent, while nothing is known of the time. */
  toGo: (size: string) => string
  /** Why a file was refused, or not sent yet. `error.message` is English, or what the app says itself. */
  error: (error: UploadError, name: string) => string
  /** The page is looking at files before it adds them. */
  beingLookedAt: string
  /** Another one than the one that was to be chosen again. */
  anotherFile: (name: string) => string
  /** Summaries, with how many files. */
  uploading: (files: number) => string
  checkingFiles: (files: number) => string
  addedOf: (files: number, all: number) => string
  lookingAt: (files: number) => string
  failed: (files: number) => string
  unfinished: (files: number) => string
  added: (files: number) => string
  notAll: string
  /** How it ended, said to screen readers. */
  ended: (added: number, failed: number) => string
  files: (files: number) => string
  /** Below the rows, where there are more. */
  moreFiles: (files: number) => string
  /** Of the list, for screen readers. */
  list: string
}

/** What the elements say, in one language. */
export interface Texts extends DropTexts, ListTexts {}

/** By language. Each element brings its own. */
const languages = new Map<string, Partial<Texts>>()

/** What an element says, unless the app has said otherwise. */
export function provideTexts(language: string, texts: DropTexts | ListTexts | Texts): void {
  languages.set(language, { ...texts, ...languages.get(language) })
}

/**
 * Adds a language, or changes some texts of one: what is left out stays as it is, or English.
 *
 * @param language as in the attribute `lang`, e.g. `fr`
 * @example
 * setTexts('fr', { choose: 'Choisir des photos et des vidéos' })
 */
export function setTexts(language: string, texts: Partial<Texts>): void {
  languages.set(language, { ...languages.get(language), ...texts })
}

/** By the nearest `lang`, else by the browser's languages. */
export function textsOf(element: Element): { texts: Texts; language: string } {
  const said = (element.closest('[lang]') ?? document.documentElement).getAttribute('lang')
  const wanted = said ? [said] : navigator.languages
  for (const language of [...wanted, 'en']) {
    const texts = languages.get(language) ?? languages.get(language.split('-')[0] ?? '')
    if (texts) return { texts: { ...languages.get('en'), ...texts } as Texts, language }
  }
  return { texts: languages.get('en') as Texts, language: 'en' }
}
