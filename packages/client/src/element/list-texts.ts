import { type ListTexts, provideTexts } from './texts.ts'

const en: ListTexts = {
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

provideTexts('en', en)
