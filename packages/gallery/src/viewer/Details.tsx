import type { KnownType, Media } from '@tintype/protocol'
import { downloadUrl } from '../api.ts'
import { formatBytes, formatDate, formatDuration, formatTaken } from '../format.ts'
import { DownloadIcon, TrashIcon } from '../icons.tsx'
import { Caption } from './Caption.tsx'

export interface DetailsProps {
  media: Media
  onChanged: (media: Media) => void
  onDelete: () => void
}

export function Details({ media, onChanged, onDelete }: DetailsProps) {
  const { id, name, type, bytes, width, height, duration, takenAt, camera, lens, createdAt } = media
  return (
    <div className="details">
      <Caption media={media} onChanged={onChanged} />
      <dl>
        <dt>Name</dt>
        <dd>
          <bdi>{name}</bdi>
        </dd>
        <dt>Type</dt>
        <dd>{typeName(type)}</dd>
        <dt>Size</dt>
        <dd>
          <bdi dir="ltr">{formatBytes(bytes)}</bdi>
        </dd>
        <dt>Dimensions</dt>
        <dd>
          <bdi dir="ltr">
            {width} × {height}
          </bdi>
        </dd>
        {duration !== undefined && (
          <>
            <dt>Length</dt>
            <dd>{formatDuration(duration)}</dd>
          </>
        )}
        {takenAt !== undefined && (
          <>
            <dt>Taken</dt>
            <dd>
              <time dateTime={takenAt}>{formatTaken(media)}</time>
            </dd>
          </>
        )}
        {camera !== undefined && (
          <>
            <dt>Camera</dt>
            <dd>
              <bdi>{camera}</bdi>
            </dd>
          </>
        )}
        {lens !== undefined && (
          <>
            <dt>Lens</dt>
            <dd>
              <bdi>{lens}</bdi>
            </dd>
          </>
        )}
        <dt>Added</dt>
        <dd>
          <time dateTime={createdAt}>{formatDate(createdAt)}</time>
        </dd>
      </dl>
      <div className="actions">
        <a className="button" href={downloadUrl(id)} download={name}>
          <DownloadIcon /> Download
        </a>
        <button type="button" className="button danger" onClick={onDelete}>
          <TrashIcon /> Delete
        </button>
      </div>
    </div>
  )
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
