import type { Adapter, SentFile, Target } from '@tintype/crash-kit'
import { awsEnv, postJson, putBytes, server, withPhotosTable } from './photos.ts'

interface Signed {
  id: string
  key: string
  url: string
}

/** Asks for a URL and sends the bytes; a PUT that fails is repeated to the same URL. */
async function put(file: SentFile, target: Target): Promise<Signed> {
  const { name, type, bytes } = file
  const signed = await postJson<Signed>('/sign', { name, type, size: bytes.length }, target)
  await putBytes(signed.url, file, target.signal).catch(() => putBytes(signed.url, file, target.signal))
  return signed
}

export const presignedRowLast: Adapter = {
  ...withPhotosTable,
  name: 'presigned PUT, then a row',
  command: ['node', server('presigned')],
  async upload(file, target) {
    const { id, key } = await put(file, target)
    await postJson('/photos', { id, key, name: file.name, type: file.type }, target)
    return id
  },
}

export const presignedRowFirst: Adapter = {
  ...withPhotosTable,
  name: 'a row, then a presigned PUT',
  command: ['node', server('presigned')],
  env: (given) => ({ ...awsEnv(given), ROW: 'first' }),
  upload: async (file, target) => (await put(file, target)).id,
}
