import { createHash } from 'node:crypto'
import PostalMime, { type Attachment } from 'postal-mime'
import { type Tintype, TintypeError } from 'tintype'

/** So that one mail does not keep the app busy for long. */
const mostFiles = 50

/** What was kept with each photo. */
export interface MailData {
  from: string
  subject: string
}

/**
 * Makes media of what is attached to a mail. It may be called again with the same mail, as mail servers do when an answer was
 * lost: what it added before is found by its key, and nothing is there twice.
 *
 * @param message as it came, with its headers
 * @returns what to tell the sender
 * @throws what is worth trying again: the storage is away, memory is short
 */
export async function takeMail(
  { media }: Pick<Tintype, 'media'>,
  owner: string,
  message: Uint8Array,
): Promise<string> {
  const mail = await PostalMime.parse(message).catch(() => undefined)
  if (!mail) return 'Your mail could not be read.\n'
  const data: MailData = {
    from: start(mail.from?.address ?? '', 320),
    subject: start(mail.subject ?? '', 200),
  }
  const refused: string[] = []
  let added = 0
  for (const [index, attachment] of mail.attachments.entries()) {
    const name = (attachment.filename ?? `${index + 1}`).replace(/\p{Cc}/gu, ' ')
    if (index >= mostFiles) {
      refused.push(`${name}: A mail may have ${mostFiles} files.`)
      continue
    }
    const bytes = bytesOf(attachment)
    const idempotencyKey = createHash('sha256')
      // Mail without a Message-ID is rare. The bytes stand in for it: they are the same in each delivery, its headers are not.
      .update(mail.messageId ?? bytes)
      .update(`\0${index}`)
      .digest('hex')
    try {
      await media.create(bytes, {
        owner,
        name,
        caption: data.subject || null,
        data: { ...data },
        idempotencyKey,
      })
      added++
    } catch (error) {
      if (!isRefusal(error)) throw error
      refused.push(`${name}: ${error.message}`)
    }
  }
  return replyOf(added, refused)
}

/** Whether the file is at fault, so that trying again does not help. */
function isRefusal(error: unknown): error is TintypeError {
  return error instanceof TintypeError && error.status < 500 && error.code !== 'idempotency_in_flight'
}

function replyOf(added: number, refused: string[]): string {
  if (added + refused.length === 0) return 'There was nothing attached to your mail.\n'
  const lines = [added === 1 ? '1 file was added.' : `${added} files were added.`]
  if (refused.length > 0) lines.push('', 'Not added:', ...refused.map((one) => `- ${one}`))
  return `${lines.join('\n')}\n`
}

function bytesOf({ content }: Attachment): Buffer {
  if (typeof content === 'string') return Buffer.from(content)
  return content instanceof ArrayBuffer
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
}

/** The first characters, none of them cut in two. */
function start(text: string, most: number): string {
  return [...text].slice(0, most).join('')
}
