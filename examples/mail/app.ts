import express from 'express'
import { createTintype, type Media } from 'tintype'
import { type MailData, takeMail } from './mail.ts'

/** Whose photos come to which address. The sender of a mail proves nothing; who knows the address may add photos. */
const owners = new Map([['photos+k3vq8hzd@example.com', 'ann']])

/** What mail servers take: with its photos in base64, a third larger than they are. The whole mail is in memory. */
const largestMail = '35mb'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data. Ann is the only one to look here.
const tintype = await createTintype({ authenticate: () => 'ann' })

const app = express()
app.use('/api', tintype.router)

/** The mail server's own way in: 200 is done, with what to reply; 5xx is "deliver it again". */
app.post('/mail', (req, res, next) => {
  if (req.get('Authorization') === `Bearer ${process.env.MAIL_TOKEN ?? 'change me'}`) return next()
  res.status(401).type('text').send('This is for the mail server.\n')
})
app.post('/mail', express.raw({ type: 'message/rfc822', limit: largestMail }), async (req, res) => {
  const owner = owners.get(String(req.query.to).toLowerCase())
  if (owner === undefined) return void res.status(404).type('text').send('Nobody has this address.\n')
  if (!Buffer.isBuffer(req.body)) return void res.status(415).type('text').send('Send message/rfc822.\n')
  try {
    res.type('text').send(await takeMail(tintype, owner, req.body))
  } catch (error) {
    // Tintype's own statuses (409: the same mail is being taken at this moment) say other things to a mail server.
    console.error(error)
    res.status(503).type('text').send('Deliver it again.\n')
  }
})

app.get('/', async (_req, res) => {
  const { media } = await tintype.media.list({ owner: 'ann' })
  res.type('html').send(page(media.map(show).join('')))
})

function show({ urls, name, data }: Media): string {
  const { from, subject } = data as unknown as MailData
  return `<li><img src="${escapeHtml(urls.thumb ?? '')}" alt="" width="160"><p>${escapeHtml(subject || name)}<br>
    <small>${escapeHtml(from)}</small></p></li>`
}

function page(photos: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Photos by mail</title>
    <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
      ul { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none }
      li { width: 10rem; overflow-wrap: anywhere }
    </style>
    <h1>Photos by mail</h1><ul>${photos}</ul>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
}

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
