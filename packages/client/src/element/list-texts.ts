import { type ListTexts, provideTexts } from './texts.ts'

const count = (n: number, one: string) => `${n.toLocaleString('en')} ${n === 1 ? one : `${one}s`}`
const files = (n: number) => count(n, 'file')

const en: ListTexts = {
  pause: (name) => `Pause ${name}`,
  resume: (name) => `Resume ${name}`,
  retry: (name) => `Retry ${name}`,
  cancel: (name) => `Cancel ${name}`,
  dismiss: (name) => `Dismiss ${name}`,
  chooseAgain: (name) => `Choose ${name} again`,
  pauseAll: 'Pause all',
  resumeAll: 'Resume all',
  retryAll: 'Retry all',
  dismissAll: 'Dismiss all',
  cancelAll: 'Cancel all',
  showFiles: 'Show the files',
  hideFiles: 'Hide the files',
  queued: 'Waiting',
  checking: 'Being checked…',
  done: 'Added',
  paused: (share) => `Paused at ${share}`,
  needsFile: (share) => `${share} sent · choose it again to go on`,
  changed: 'the file has changed: from the start',
  offline: 'Waiting for the network',
  unreachable: 'The server can’t be reached.',
  tryingAgain: (time) => `Trying again in ${time}`,
  percent: (percent, size) => `${percent} % of ${size}`,
  left: (time) => `${time} left`,
  toGo: (size) => `${size} to go`,
  error: ({ message }) => message,
  beingLookedAt: 'Being looked at…',
  anotherFile: (name) => `This is another file than ${name}, which still waits. It was added by itself.`,
  uploading: (n) => `Uploading ${files(n)}`,
  checkingFiles: (n) => `Checking ${files(n)}`,
  addedOf: (n, all) => `${n.toLocaleString('en')} of ${files(all)} added`,
  lookingAt: (n) => `Looking at ${files(n)}…`,
  failed: (n) => `${files(n)} failed`,
  unfinished: (n) => count(n, 'unfinished upload'),
  added: (n) => `${files(n)} added`,
  notAll: 'Not everything was added',
  ended: (added, failed) =>
    `${files(added)} uploaded.${failed > 0 ? ` ${files(failed)} could not be uploaded.` : ''}`,
  files,
  moreFiles: (n) => `and ${count(n, 'more file')}`,
  list: 'Uploads',
}

provideTexts('en', en)
