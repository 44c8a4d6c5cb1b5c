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

const number = (n: number) => n.toLocaleString('de')
const files = (n: number) => `${number(n)} ${n === 1 ? 'Datei' : 'Dateien'}`

const de: Texts = {
  choose: 'Fotos und Videos auswählen',
  orDrop: 'oder hierher ziehen',
  dropHere: 'Zum Hinzufügen loslassen',
  tooOld: 'Dieser Browser ist zu alt zum Hochladen. Bitte einen neueren verwenden.',
  media: 'Fotos und Videos',
  dropped: 'Nicht hinzugefügt',
  leftOut: ({ reason, files: left }) =>
    left.length === 0
      ? reasons[reason]
      : `${files(left.length)} ausgelassen (${reasons[reason]}): ${some(left)}`,
  pause: (name) => `${name} anhalten`,
  resume: (name) => `${name} fortsetzen`,
  retry: (name) => `${name} noch einmal versuchen`,
  cancel: (name) => `${name} abbrechen`,
  dismiss: (name) => `${name} ausblenden`,
  chooseAgain: (name) => `${name} noch einmal auswählen`,
  pauseAll: 'Alle anhalten',
  resumeAll: 'Alle fortsetzen',
  retryAll: 'Alle wiederholen',
  dismissAll: 'Alle ausblenden',
  cancelAll: 'Alle abbrechen',
  showFiles: 'Dateien zeigen',
  hideFiles: 'Dateien verbergen',
  queued: 'Wartet',
  checking: 'Wird geprüft …',
  done: 'Hinzugefügt',
  paused: (share) => `Angehalten bei ${share}`,
  needsFile: (share) => `${share} gesendet · noch einmal auswählen, dann geht es weiter`,
  changed: 'die Datei hat sich geändert: von vorn',
  offline: 'Wartet auf das Netz',
  unreachable: 'Der Server ist nicht erreichbar.',
  tryingAgain: (time) => `Nächster Versuch in ${time}`,
  percent: (percent, size) => `${percent} % von ${size}`,
  left: (time) => `noch ${time}`,
  toGo: (size) => `noch ${size}`,
  error: ({ code, problem, message }) => {
    const [before, by = 1, unit = ''] = refusals[code] ?? []
    if (before === undefined) return message
    const most = problem?.limit && by > 1 ? ` Höchstens ${Math.floor(problem.limit / by)} ${unit}.` : ''
    return before + most
  },
  beingLookedAt: 'Wird angesehen …',
  anotherFile: (name) =>
    `Das ist eine andere Datei als ${name}; die fehlt weiterhin. Sie wurde für sich hinzugefügt.`,
  uploading: (n) => `${files(n)} ${n === 1 ? 'wird' : 'werden'} hochgeladen`,
  checkingFiles: (n) => `${files(n)} ${n === 1 ? 'wird' : 'werden'} geprüft`,
  addedOf: (n, all) => `${number(n)} von ${number(all)} Dateien hinzugefügt`,
  lookingAt: (n) => `${files(n)} ${n === 1 ? 'wird' : 'werden'} angesehen …`,
  failed: (n) => `${files(n)} fehlgeschlagen`,
  unfinished: (n) => `${number(n)} ${n === 1 ? 'unfertiger Upload' : 'unfertige Uploads'}`,
  added: (n) => `${files(n)} hinzugefügt`,
  notAll: 'Nicht alles wurde hinzugefügt',
  ended: (added, failed) => `${files(added)} hochgeladen.${failed > 0 ? ` ${files(failed)} nicht.` : ''}`,
  files,
  moreFiles: (n) => `und ${n === 1 ? 'eine weitere' : `${number(n)} weitere`}`,
  list: 'Uploads',
}

provideTexts('de', de)
