import type { UploadError } from '../errors.ts'

/** What the elements say, in one language. */
export interface Texts {
  /** On the button that opens the browser's dialog. */
  choose: string
  /** Beside it, where files can be dropped. */
  orDrop: string
  /** The browser can't upload. */
  tooOld: string
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

const en: Texts = {
  choose: 'Choose photos and videos',
  orDrop: 'or drop them here',
  tooOld: 'This browser is too old to upload. Please use a newer one.',
  pause: (name) => `Pause ${name}`,
  resume: (name) => `Resume ${name}`,
  retry: (name) => `Retry ${name}`,
  cancel: (name) => `Remove ${name}`,
  chooseAgain: (name) => `Choose ${name} again to go on`,
  queued: 'Waiting',
  checking: 'Being checked…',
  paused: 'Paused',
  done: 'Added',
  offline: 'Waiting for the network',
  tryingAgain: (time) => `Trying again at ${time}`,
  error: ({ message }) => message,
  percent: (percent) => `${percent} %`,
  list: 'Uploads',
}

const de: Texts = {
  choose: 'Fotos und Videos auswählen',
  orDrop: 'oder hierher ziehen',
  tooOld: 'Dieser Browser ist zu alt zum Hochladen. Bitte einen neueren verwenden.',
  pause: (name) => `${name} anhalten`,
  resume: (name) => `${name} fortsetzen`,
  retry: (name) => `${name} noch einmal versuchen`,
  cancel: (name) => `${name} entfernen`,
  chooseAgain: (name) => `${name} noch einmal auswählen, dann geht es weiter`,
  queued: 'Wartet',
  checking: 'Wird geprüft …',
  paused: 'Angehalten',
  done: 'Hinzugefügt',
  offline: 'Wartet auf das Netz',
  tryingAgain: (time) => `Nächster Versuch um ${time}`,
  error: ({ code, problem, message }) => {
    const [before, by = 1, unit = ''] = refusals[code] ?? []
    if (before === undefined) return message
    const most = problem?.limit && by > 1 ? ` Höchstens ${Math.floor(problem.limit / by)} ${unit}.` : ''
    return before + most
  },
  percent: (percent) => `${percent} %`,
  list: 'Uploads',
}

const isBusy = 'Der Server ist gerade ausgelastet.'
/** What is said of a limit: in which unit, and how much one of it is. */
const refusals: Partial<Record<string, [sentence: string, by?: number, unit?: string]>> = {
  empty_file: ['Die Datei ist leer.'],
  file_unreadable: ['Die Datei lässt sich nicht lesen. Bitte noch einmal auswählen.'],
  network: ['Der Server ist nicht erreichbar.'],
  no_video_track: ['In der Datei ist kein Video, das sich abspielen lässt.'],
  not_decodable: ['Die Datei ist beschädigt oder unvollständig.'],
  overloaded: [isBusy],
  quota_exceeded: ['Hier ist kein Platz mehr.'],
  storage_unavailable: [isBusy],
  too_large: ['Die Datei ist zu groß.', 1e6, 'MB'],
  too_many_pixels: ['Das Bild ist zu groß.', 1e6, 'Megapixel'],
  too_many_requests: [isBusy],
  unauthenticated: ['Bitte neu anmelden.'],
  unsupported_codec: ['Dieses Video ist auf eine Art kodiert, die hier nicht angenommen wird.'],
  unsupported_type: ['Dateien dieser Art werden hier nicht angenommen, nur Fotos und Videos.'],
}

const languages = new Map<string, Texts>([
  ['en', en],
  ['de', de],
])

/**
 * Adds a language, or changes some texts of one: what is left out stays as it is, or English.
 *
 * @param language as in the attribute `lang`, e.g. `fr`
 * @example
 * setTexts('fr', { choose: 'Choisir des photos et des vidéos' })
 */
export function setTexts(language: string, texts: Partial<Texts>): void {
  const known = languages.get(language) ?? en
  languages.set(language, { ...known, ...texts })
}

/** By the nearest `lang`, else by the browser's languages. */
export function textsOf(element: Element): { texts: Texts; language: string } {
  const said = (element.closest('[lang]') ?? document.documentElement).getAttribute('lang')
  for (const language of said ? [said] : navigator.languages) {
    const texts = languages.get(language) ?? languages.get(language.split('-')[0] ?? '')
    if (texts) return { texts, language }
  }
  return { texts: en, language: 'en' }
}
