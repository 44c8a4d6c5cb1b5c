import { fields, type Media, type Problem, routes } from '@tintype/protocol'
import { endpoint } from '../api.ts'

/**
 * Puts another file in the place of a photo or video, which keeps its address, caption and day of upload. Rejects with a
 * sentence for people, also where somebody else has changed it meanwhile.
 *
 * @param onProgress from 0 to 1
 */
export function replaceMedia(
  { id, revision }: Media,
  file: Blob & { name: string },
  onProgress: (done: number) => void,
): Promise<Media> {
  const form = new FormData()
  form.append(fields.file, file, file.name)
  // `fetch` tells no progress.
  const request = new XMLHttpRequest()
  return new Promise((resolve, reject) => {
    request.open('PUT', endpoint + routes.mediaItem(id))
    request.setRequestHeader('Accept', 'application/json')
    request.setRequestHeader('If-Match', `"${revision}"`)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onerror = () =>
      reject(new Error('The server can’t be reached. Check the connection and choose the file again.'))
    request.onload = () => {
      const answer = parse(request.responseText)
      if (request.status === 200 && answer.id) resolve(answer as Media)
      else
        reject(
          new Error(
            answer.detail ?? answer.title ?? `The server has a problem (${request.status}). Try again.`,
          ),
        )
    }
    request.send(form)
  })
}

function parse(text: string): Partial<Media & Problem> {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
