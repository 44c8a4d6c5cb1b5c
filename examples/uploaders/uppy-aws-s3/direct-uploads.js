/**
 * Tintype's direct uploads (docs/direct-uploads.md) for @uppy/aws-s3: Uppy wants a signed URL for each request of S3's API, Tintype
 * signs only those that bring bytes, and begins and completes uploads itself. What Uppy would ask S3 beside that is
 * answered here, as S3 would.
 *
 * @returns options of the plugin
 * @example uppy.use(AwsS3, directUploads(uppy, '/api'))
 */
export function directUploads(uppy, api) {
  const sessions = new Map()
  const sessionOf = (key) => [...sessions.values()].find(({ id }) => id === key)

  uppy.addPreProcessor(async (fileIds) => {
    for (const { id, name, type, size, data } of fileIds.map((one) => uppy.getFile(one))) {
      if (!sessions.has(id)) sessions.set(id, { ...(await ask('', { name, type, size })), size, data })
    }
  })
  // Only now the bytes are looked into.
  uppy.addPostProcessor(async (fileIds) => {
    for (const file of fileIds.map((id) => uppy.getFile(id)).filter(({ error }) => !error)) {
      try {
        uppy.setFileMeta(file.id, { media: await ask(`/${sessions.get(file.id).id}/complete`, {}) })
      } catch (error) {
        uppy.emit('upload-error', file, error)
      }
    }
  })

  async function ask(path, body, method = 'POST') {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const response = await fetch(`${api}/uploads${path}`, { method, headers, body: JSON.stringify(body) })
    const answer = response.status === 204 ? undefined : await response.json()
    if (!response.ok) throw new Error(answer.detail)
    return answer
  }

  async function signPart(key, number) {
    const { data, multipart } = sessionOf(key)
    const part = data.slice((number - 1) * multipart.partSize, number * multipart.partSize)
    const digest = await crypto.subtle.digest('SHA-256', await part.arrayBuffer())
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
    const { parts } = await ask(`/${key}/parts`, { parts: [{ number, sha256 }] })
    return parts[0]
  }

  async function listParts(key) {
    const { parts = [] } = await ask(`/${key}`, undefined, 'GET')
    const listed = parts.map(
      ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
    )
    return `<ListPartsResult>${listed.join('')}</ListPartsResult>`
  }

  async function signRequest({ method, key, uploadId, partNumber }) {
    if (method === 'PUT') return partNumber ? signPart(key, partNumber) : sessionOf(key).put
    if (method === 'GET') return answer(await listParts(key))
    if (method === 'DELETE') return answer(await ask(`/${key}`, undefined, 'DELETE'))
    const result = uploadId
      ? `<CompleteMultipartUploadResult><Location>${api}</Location><Key>${key}</Key></CompleteMultipartUploadResult>`
      : `<InitiateMultipartUploadResult><UploadId>${key}</UploadId></InitiateMultipartUploadResult>`
    return answer(result)
  }

  return {
    signRequest,
    generateObjectKey: ({ id }) => sessions.get(id).id,
    shouldUseMultipart: ({ id }) => sessions.get(id).multipart !== undefined,
    getChunkSize: ({ size }) =>
      [...sessions.values()].find((one) => one.size === size && one.multipart).multipart.partSize,
  }
}

/** An address that answers this itself. */
const answer = (xml = '') => ({ url: `data:application/xml,${encodeURIComponent(xml)}` })
