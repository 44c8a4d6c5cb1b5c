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

/** What the list of uploads says. */
export interface ListTexts {
  /** Names of buttons, with the file's name. */
  pause: (name: string) => string
  resume: (name: string) => string
  retry: (name: string) => string
  cancel: (name: string) => string
  /** It has to be chosen once more. */
  chooseAgain: (name: string) => string
  queued: string
  checking: string
  paused: string
  done: string
  offline: string
  /** @param time of the day, as the language writes it */
  tryingAgain: (time: string) => string
  /** Why a file was refused, or not sent yet. `error.message` is English, or what the app says itself. */
  error: (error: UploadError) => string
  /** How far one file is. */
  percent: (percent: number) => string
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
