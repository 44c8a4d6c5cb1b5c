import type { Adapter } from '@tintype/crash-kit'
import { sendForm, server, withPhotosTable } from './photos.ts'

export const multerMemory: Adapter = {
  ...withPhotosTable,
  name: 'Multer in memory, PutObject, a row',
  command: ['node', server('multer-memory')],
  upload: async (file, target) => (await sendForm('/photos', 'POST', file, target)).id,
  async replace(id, file, target) {
    await sendForm(`/photos/${id}`, 'PUT', file, target)
  },
}

export const multerS3: Adapter = {
  ...multerMemory,
  name: 'multer-s3, a row',
  command: ['node', server('multer-s3')],
}
