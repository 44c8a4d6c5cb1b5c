import type { UploadError, UploadItem } from '@tintype/client'

/** Whether it proceeds without the user. */
export const isBusy = ({ state }: UploadItem) =>
  state === 'queued' || state === 'uploading' || state === 'checking'

/** What was refused, as a person would say it; the server's own sentence says the rest. */
export function reasonOf({ code, message, problem }: UploadError, name: string): string {
  const limit = problem?.limit
  if (code === 'unsupported_type' && /\.hei[cf]$/i.test(name))
    return 'This is a photo in Apple’s format HEIC, which is not taken here. On the iPhone choose Settings › Camera › Formats › Most Compatible, or share it as JPEG.'
  if (code === 'too_many_pixels' && limit !== undefined)
    return `The picture is larger than ${Math.round(limit / 1_000_000)} megapixels, the most that is taken here. Make it smaller and add it again.`
  return message
}
