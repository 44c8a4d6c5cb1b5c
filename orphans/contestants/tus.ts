import { type Adapter, succeeded } from '@tintype/crash-kit'
import { server, withPhotosTable } from './photos.ts'
import { uploadByTus } from './tus-client.ts'

export const tusServer: Adapter = {
  ...withPhotosTable,
  name: '@tus/server, S3 store, a row',
  command: ['node', server('tus')],
  // Beside each object it keeps a note, which is of no weight: neither what is left of them nor what is missing is counted.
  ownNotes: /\.info$/,
  async upload(file, target) {
    const { location } = await uploadByTus('/files', file, target)
    return location.slice(location.lastIndexOf('/') + 1)
  },
  recovery: {
    seconds: 30,
    how: 'Uploads expire after 20 s by `expirationPeriodInMilliseconds`; then `cleanUpExpiredUploads()` runs, and what the lifecycle rule of its README deletes is deleted.',
    async run({ url, signal }) {
      await succeeded(await fetch(`${await url()}/clean-up`, { method: 'POST', signal }))
    },
  },
}
