import { sizes, srcset } from '@tintype/client/images'
import { type Media, routes, uprightSize } from '@tintype/protocol'
import { escapeHtml } from 'tintype/internal/http/html'

/** @param endpoint of the API that takes it, as a path */
export const uploadForm = (
  endpoint: string,
) => `<form method="post" action="${endpoint}/media" enctype="multipart/form-data">
<p><label>Photos and videos <input type="file" name="file" multiple required accept="image/*,video/*"></label></p>
<p><label>Caption <input type="text" name="caption" maxlength="2000"></label></p>
<p><button>Upload</button></p>
</form>`

/**
 * @param endpoint of the API that has it, as a path
 * @param below HTML, below its name
 * @param box in which plain.css shows it
 */
export function plainItem(
  media: Media,
  endpoint: string,
  below = '',
  box: Parameters<typeof sizes>[1] = tile,
): string {
  const { id, kind, name, caption, urls, takenAt } = media
  const { width, height } = uprightSize(media)
  const text = escapeHtml(caption ?? name)
  const { original, thumb, poster = thumb } = urls
  // Of a picture that moves, only the original does.
  const large =
    media.features?.includes('animated') && original !== ''
      ? original
      : endpoint + routes.mediaImage(id, { width: screenWidth })
  const attribute = (called: string, value: string | undefined) =>
    value === undefined || value === '' ? '' : ` ${called}="${escapeHtml(value)}"`
  const set = srcset(media, { endpoint })
  const picture =
    kind === 'video'
      ? `<video controls preload="metadata"${attribute('poster', poster)}${attribute('src', original)}></video>`
      : `<a${attribute('href', large)}><img loading="lazy" width="${width}" height="${height}" alt="${text}"${attribute('sizes', sizes(media, box))}${attribute('srcset', set)}${attribute('src', thumb)}></a>`
  return `<li>${picture}<span>${text}${takenAt === undefined ? '' : `<br>${dateIn(takenAt)}`}</span>${below}</li>`
}

/** @param path of the app */
export const editLink = (path: string, id: string) =>
  `<a href="${path}/plain/photo/${id}">Edit, download, delete</a>`

const longDate = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' })

/** The day that clocks showed where it was taken. */
function dateIn(takenAt: string): string {
  const day = takenAt.slice(0, 10)
  return `<time datetime="${escapeHtml(takenAt)}">${longDate.format(new Date(`${day}T00:00:00Z`))}</time>`
}

/** As in plain.css, about. */
const tile = { width: '13rem', height: '13rem', fit: 'cover' } as const
/** The same of one photo by itself. */
export const whole = { width: '32rem', height: '32rem', fit: 'contain' } as const
/** Pixels of most screens. */
const screenWidth = 1920
