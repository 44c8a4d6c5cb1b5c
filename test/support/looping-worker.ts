import { answerJobs } from '../../packages/tintype/src/workers/worker.ts'

// Stands in for a reader of videos that some file keeps busy for ever, or has taken over: it is kept busy by any that
// begins with "loop", of its bytes or when it has asked for them, asks for what is not served, and takes all others for the
// same clip.

await answerJobs(async ({ header, body }, ask) => {
  const { size } = header as { size?: number }
  if (size !== undefined) {
    for (const odd of [null, 'all', { start: -1, end: 4 }, { start: 0, end: 2 ** 40 }]) {
      if ((await ask(odd)).body.length > 0) throw new Error('It got something.')
    }
  }
  const bytes = size === undefined ? body : (await ask({ start: 0, end: 4 })).body
  if (Buffer.from(bytes).toString('latin1', 0, 4) === 'loop') for (;;);
  const clip = {
    ok: true,
    kind: 'video',
    type: 'video/mp4',
    ext: 'mp4',
    width: 160,
    height: 120,
    frames: 1,
    duration: 2,
  }
  return { header: clip, body: Buffer.alloc(0) }
})
