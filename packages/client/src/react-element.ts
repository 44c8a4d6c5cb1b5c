/** The web components as React components: properties are set, and events are functions. */
import type { Media } from '@tintype/protocol'
import { createElement, type ReactNode, type RefObject, useEffect, useRef } from 'react'
import type { AddedFile, LeftOut, Looking, PictureMedia, Texts, TintypeDrop } from './element.ts'
import './element.ts'
import type { Credentials, RequestHeaders } from './transport.ts'
import type { Uploads } from './uploads-interface.ts'

/** Properties of {@link Drop}. */
export interface DropProps {
  /** Where the API is mounted. @default '/api' */
  endpoint?: string
  /** As of `createUploads`. */
  headers?: RequestHeaders
  /** As of `createUploads`. */
  credentials?: Credentials
  /** A queue to use, e.g. one that `<UploadList>` shows too. @default one of its own */
  uploads?: Uploads
  /** What the dialog offers. @default photos and videos */
  accept?: string
  /** One file alone. */
  single?: boolean
  /** Takes what is dropped anywhere in the window. */
  wholePage?: boolean
  /** Takes pictures from the clipboard. */
  paste?: boolean
  /** Texts other than those of the language. */
  texts?: Partial<Texts>
  /** Called for each file that is there. */
  onMedia?: (media: Media) => void
  /** Called with files before they are added. `event.preventDefault()`: the app adds them. */
  onFiles?: (files: AddedFile[], event: Event) => void
  /** Called with what is left out, such as texts in a dropped folder. `event.preventDefault()`: the app tells of it. */
  onLeftOut?: (what: LeftOut, event: Event) => void
  /** In the place of the hint; with `slot="button"` or `slot="overlay"`, of the words there. */
  children?: ReactNode
}

/** `<tintype-drop>`. @example const field = <Drop endpoint="/api" onMedia={(media) => console.log(media.id)} /> */
export function Drop({
  endpoint = '/api',
  accept,
  single,
  wholePage,
  paste,
  onMedia,
  onFiles,
  onLeftOut,
  children,
  ...properties
}: DropProps): ReactNode {
  const { element, ref } = useProperties<TintypeDrop>(properties)
  useEvent(element, 'media', onMedia)
  useEvent(element, 'files', onFiles)
  useEvent(element, 'leftout', onLeftOut)
  const attributes = { endpoint, accept, single, 'whole-page': wholePage, paste }
  const given = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, value === true ? '' : value]],
  )
  return createElement('tintype-drop', { ref, ...Object.fromEntries(given) }, children)
}

const none: Looking = { count: 0, cancel() {} }

/** `<tintype-uploads>`: what is on its way in this queue. */
export function UploadList({
  floating,
  looking = none,
  ...properties
}: {
  uploads: Uploads
  /** Files that the app looks at before it adds them. */
  looking?: Looking
  /** In the corner of the window. */
  floating?: boolean
  texts?: Partial<Texts>
}): ReactNode {
  const { ref } = useProperties({ ...properties, looking })
  return createElement('tintype-uploads', { ref, ...(floating ? { floating: '' } : {}) })
}

/** `<tintype-image>`: a photo as sharp as its place needs. `width` and `height` as CSS writes lengths. */
export function Picture({
  endpoint = '/api',
  width,
  height,
  alt,
  loading,
  onLoad,
  onStale,
  onError,
  ...properties
}: {
  media: PictureMedia
  endpoint?: string
  width?: string
  height?: string
  alt?: string
  /** @default 'lazy' */
  loading?: 'lazy' | 'eager'
  onLoad?: () => void
  /** Its address has expired: give the media as it is now. */
  onStale?: () => void
  /** There is no picture of it to show. */
  onError?: () => void
}): ReactNode {
  const { element, ref } = useProperties(properties)
  useEvent(element, 'load', onLoad)
  useEvent(element, 'stale', onStale)
  useEvent(element, 'error', onError)
  return createElement('tintype-image', { ref, endpoint, width, height, alt, loading })
}

/** Sets properties of the element, which attributes can't bring; what is undefined is left alone. */
function useProperties<Kind extends HTMLElement>(properties: object) {
  const element = useRef<Kind>(null)
  // By the ref: effects come after the element has asked for its queue.
  const ref = (now: Kind | null) => {
    element.current = now
    const given = Object.entries(properties).filter(([, value]) => value !== undefined)
    if (now) Object.assign(now, Object.fromEntries(given))
  }
  return { element, ref }
}

/** Tells a function of what an event brings. */
function useEvent<Detail>(
  of: RefObject<HTMLElement | null>,
  name: string,
  listener: ((detail: Detail, event: Event) => void) | undefined,
) {
  useEffect(() => {
    const element = of.current
    const tell = (event: Event) => listener?.((event as CustomEvent<Detail>).detail, event)
    element?.addEventListener(name, tell)
    return () => element?.removeEventListener(name, tell)
  }, [of, name, listener])
}
