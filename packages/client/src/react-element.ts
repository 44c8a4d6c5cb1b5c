/** The web components as React components: properties are set, and events are functions. */
import type { Media } from '@tintype/protocol'
import { createElement, type ReactNode, useEffect, useRef } from 'react'
import type { PictureMedia, Texts, TintypeDrop } from './element.ts'
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
  /** One file alone. */
  single?: boolean
  /** Texts other than those of the language. */
  texts?: Partial<Texts>
  /** Called for each file that is there. */
  onMedia?: (media: Media) => void
  /** In the place of the hint. */
  children?: ReactNode
}

/** `<tintype-drop>`. @example const field = <Drop endpoint="/api" onMedia={(media) => console.log(media.id)} /> */
export function Drop({
  endpoint = '/api',
  single = false,
  onMedia,
  children,
  ...properties
}: DropProps): ReactNode {
  const ref = useProperties<TintypeDrop>(properties)
  useEffect(() => {
    const tell = (event: Event) => onMedia?.((event as CustomEvent<Media>).detail)
    const element = ref.current
    element?.addEventListener('media', tell)
    return () => element?.removeEventListener('media', tell)
  }, [ref, onMedia])
  return createElement('tintype-drop', { ref, endpoint, ...(single ? { single: '' } : {}) }, children)
}

/** `<tintype-uploads>`: what is on its way in this queue. */
export function UploadList(properties: { uploads: Uploads; texts?: Partial<Texts> }): ReactNode {
  return createElement('tintype-uploads', { ref: useProperties(properties) })
}

/** `<tintype-image>`: a photo as sharp as its place needs. `width` and `height` as CSS writes lengths. */
export function Picture({
  endpoint = '/api',
  width,
  height,
  alt,
  ...properties
}: {
  media: PictureMedia
  endpoint?: string
  width?: string
  height?: string
  alt?: string
}): ReactNode {
  return createElement('tintype-image', { ref: useProperties(properties), endpoint, width, height, alt })
}

/** Sets properties of the element, which attributes can't bring; what is undefined is left alone. */
function useProperties<Kind extends HTMLElement>(properties: object) {
  const ref = useRef<Kind>(null)
  useEffect(() => {
    const given = Object.entries(properties).filter(([, value]) => value !== undefined)
    if (ref.current) Object.assign(ref.current, Object.fromEntries(given))
  })
  return ref
}
