/** What the elements say in German. */
import { type Reasons, some } from './drop-texts.ts'
import { provideTexts, type Texts } from './texts.ts'

const reasons: Reasons = {
  not_media: 'keine Fotos oder Videos',
  hidden: 'versteckt',
  more_than_one: 'nur eine wird genommen',
  empty_folder: 'Dieser Ordner ist leer.',
  broken_folder:
    'Dieser Ordner lässt sich nicht bis zum Ende lesen. Bitte prüfen, was fehlt, und noch einmal hierher ziehen.',
  no_file:
    'Das ist keine Datei, die der Browser lesen kann. Bitte erst speichern und dann aus dem Ordner hierher ziehen.',
  unreadable: 'Das lässt sich nicht lesen. Bitte die Dateien auswählen.',
  no_dialog:
    'Der Browser hat seinen Dialog nicht geöffnet. Bitte noch einmal drücken: dann öffnet er einen anderen.',
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

const de: Texts = {
  choose: 'Fotos und Videos auswählen',
  orDrop: 'oder hierher ziehen',
  dropHere: 'Zum Hinzufügen loslassen',
  tooOld: 'Dieser Browser ist zu alt zum Hochladen. Bitte einen neueren verwenden.',
  media: 'Fotos und Videos',
  dropped: 'Nicht hinzugefügt',
  leftOut: ({ reason, files }) =>
    files.length === 0
      ? reasons[reason]
      : `${files.length} ${files.length === 1 ? 'Datei' : 'Dateien'} ausgelassen (${reasons[reason]}): ${some(files)}`,
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

provideTexts('de', de)
