import { fill, make } from './base.ts'

const paths = {
  close: 'm6 6 12 12M18 6 6 18',
  file: 'M13.5 4H6v16h12V8.5ZM13.5 4v4.5H18',
  fold: 'm6 9 6 6 6-6',
  pause: 'M9 6v12M15 6v12',
  resume: 'M8.5 6v12l10-6Z',
  retry: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v4.9h-4.9',
}

export type IconName = keyof typeof paths

export function icon(name: IconName): SVGElement {
  const make = (tag: 'svg' | 'path') => document.createElementNS('http://www.w3.org/2000/svg', tag)
  const about = { class: `icon ${name}`, viewBox: '0 0 24 24', 'aria-hidden': 'true' }
  return fill(make('svg'), about, fill(make('path'), { d: paths[name] }))
}

export const button = (kind: string) => make('button', { type: 'button', part: 'button', class: kind })

/** A button that shows what it does: `show` changes that, and the button stays, with the focus. */
export function iconButton(kind: string) {
  const element = button(`icon-only ${kind}`)
  let shown: IconName | undefined
  return {
    element,
    show(name: IconName, label: string, run: () => void) {
      if (shown !== name) element.replaceChildren(icon(name))
      shown = name
      element.title = label
      element.setAttribute('aria-label', label)
      element.onclick = run
    },
  }
}
