import type { Cleaned, KnownType } from '@tintype/protocol'
import { Fragment, type ReactNode } from 'react'
import { formatBytes, formatDate, formatDuration, formatTaken } from '../format.ts'
import { CloseIcon } from '../icons.tsx'
import { Actions, type ActionsProps } from './Actions.tsx'
import { Caption, type CaptionProps } from './Caption.tsx'

export interface DetailsProps extends CaptionProps, ActionsProps {
  onFold: () => void
}

/** What is known of a photo or video, and what can be done with it. */
export function Details({ media, onChanged, onRefresh, onFold, ...rest }: DetailsProps) {
  const { name, type, bytes, width, height, duration, takenAt, camera, lens, createdAt, sha256, cleaned } =
    media
  return (
    <aside className="details" aria-label="Details">
      <button
        type="button"
        className="details-fold button quiet icon-only"
        aria-label="Hide details"
        onClick={onFold}
      >
        <CloseIcon />
      </button>
      <Caption media={media} onChanged={onChanged} onRefresh={onRefresh} />
      <dl>
        {takenAt !== undefined && (
          <Fact name="Taken">
            <time dateTime={takenAt}>{formatTaken(media)}</time>
          </Fact>
        )}
        {camera !== undefined && (
          <Fact name="Camera">
            <bdi>{camera}</bdi>
          </Fact>
        )}
        {lens !== undefined && (
          <Fact name="Lens">
            <bdi>{lens}</bdi>
          </Fact>
        )}
        {duration !== undefined && <Fact name="Length">{formatDuration(duration)}</Fact>}
        <Fact name="Dimensions">
          <bdi dir="ltr">
            {width} × {height}
          </bdi>
        </Fact>
        <Fact name="Size">
          <bdi dir="ltr">{formatBytes(bytes)}</bdi>
        </Fact>
        <Fact name="Type">{typeName(type)}</Fact>
        <Fact name="Name">
          <FileName name={name} />
        </Fact>
        <Fact name="Added">
          <time dateTime={createdAt}>{formatDate(createdAt)}</time>
        </Fact>
        {cleaned && <Fact name="Privacy">{describeCleaning(cleaned)}</Fact>}
        <Fact name="SHA-256">
          <code>{sha256}</code>
        </Fact>
      </dl>
      <Actions {...{ media, onChanged, ...rest }} />
    </aside>
  )
}

/** A long one is broken where its parts end, not before the last letter. */
function FileName({ name }: { name: string }) {
  const parts = name.match(/\.?[^_.-]*[_-]*/g) ?? []
  return (
    <bdi>
      {parts.map((part, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never move
        <Fragment key={n}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </bdi>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  )
}

/** What the file that was sent told, and the stored one doesn't any more. */
function describeCleaning({ location, identifiers, other, kept, unsure }: Cleaned): string {
  const removed = [
    ...(location ? ['where it was taken'] : []),
    ...(identifiers ? ['serial numbers and names'] : []),
    ...(other ? ['embedded previews and unknown data'] : []),
  ]
  const still = kept?.map((one) => (one === 'location' ? 'where it was taken' : 'serial numbers and names'))
  const sentences = [
    removed.length > 0 ? `Removed from the file: ${removed.join(', ')}.` : 'The file told nothing private.',
    ...(still ? [`It still tells: ${still.join(', ')}.`] : []),
    ...(unsure === undefined ? [] : [unsure]),
  ]
  return sentences.join(' ')
}

/** A server that is newer than this page may know other types. */
const typeName = (type: string) => (Object.hasOwn(typeNames, type) ? typeNames[type as KnownType] : type)

const typeNames: Record<KnownType, string> = {
  'image/jpeg': 'JPEG picture',
  'image/png': 'PNG picture',
  'image/webp': 'WebP picture',
  'image/gif': 'GIF picture',
  'image/avif': 'AVIF picture',
  'image/heic': 'HEIC picture',
  'image/heif': 'HEIF picture',
  'image/jxl': 'JPEG XL picture',
  'video/mp4': 'MP4 video',
  'video/quicktime': 'QuickTime video',
  'video/webm': 'WebM video',
  'video/matroska': 'Matroska video',
}
