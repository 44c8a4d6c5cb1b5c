// An app whose records are documents in a file. It writes one with its photo, and removes both; it ends itself at the step
// that DIE_AT names.
import nedb from '@seald-io/nedb'
import { createTintype, type TintypeOptions } from '../../packages/tintype/src/index.ts'
import { photo } from '../media/photos.ts'

// The types of the package have the class as `default`; Node gives the class itself.
const Datastore = nedb as unknown as typeof nedb.default

interface Post {
  _id: string
  photo: string
}

/** The app's records in `directory`, and its Tintype. */
export async function openApp(directory: string, options: Partial<TintypeOptions> = {}) {
  const posts = new Datastore<Post>({ filename: `${directory}/posts.db`, autoload: true })
  const tintype = await createTintype({
    variants: { thumb: { width: 320 } },
    directory,
    authenticate: () => 'me',
    claimWithin: 3600,
    findClaim: async ({ id }) => {
      const post = await posts.findOneAsync({ photo: id })
      return post && `post:${post._id}`
    },
    ...options,
  })
  return { posts, tintype }
}

async function run(directory: string, step: string): Promise<void> {
  const { posts, tintype } = await openApp(directory)
  const dieAt = (here: string) => here === step && process.kill(process.pid, 'SIGKILL')
  const { id } = await tintype.media.create(await photo(), { owner: 'me' })
  dieAt('created')
  await tintype.media.attach(id, {
    by: 'post:1',
    async insert() {
      dieAt('inserting')
      await posts.insertAsync({ _id: '1', photo: id })
      dieAt('inserted')
    },
    undo: () => posts.removeAsync({ _id: '1' }, {}),
  })
  dieAt('attached')
  await tintype.media.detach(id, {
    by: 'post:1',
    async remove() {
      dieAt('released')
      await posts.removeAsync({ _id: '1' }, {})
      dieAt('record removed')
    },
  })
  dieAt('detached')
}

const [directory, step] = process.argv.slice(2)
if (import.meta.main && directory && step) await run(directory, step)
