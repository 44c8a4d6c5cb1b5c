import type { AddedFile, LeftOut, TintypeDrop } from '@tintype/client/element/drop'
import type { TintypeImage } from '@tintype/client/element/image'
import type { TintypeUploads } from '@tintype/client/element/uploads'
import type { HTMLAttributes, Ref } from 'react'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'tintype-drop': HTMLAttributes<TintypeDrop> &
        Pick<TintypeDrop, 'texts'> & {
          ref: Ref<TintypeDrop> | undefined
          uploads: null
          single: boolean
          'whole-page': boolean
          paste: boolean
          onfiles(event: CustomEvent<AddedFile[]>): void
          onleftout(event: CustomEvent<LeftOut>): void
        }
      'tintype-image': HTMLAttributes<TintypeImage> &
        Pick<TintypeImage, 'media'> & {
          endpoint: string
          width: string
          alt: string
          loading: 'eager'
          onload(): void
          onstale(): void
          onerror(): void
        }
      'tintype-uploads': { ref: Ref<TintypeUploads>; floating: boolean; for: string }
    }
  }
}
