interface MailParts {
  id?: string
  subject: string
  from: string
  files: { name: string; type: string; bytes: Buffer }[]
  /** Changes with each delivery. */
  received?: string
}

/** A mail as it comes to a mail server, with files attached. */
export function mailOf({ id, subject, from, files, received = 'here' }: MailParts): string {
  const boundary = 'between-the-parts'
  const parts = files.map(({ name, type, bytes }) => [
    `--${boundary}`,
    `Content-Type: ${type}`,
    `Content-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    'Content-Transfer-Encoding: base64',
    '',
    bytes.toString('base64').replace(/.{76}/g, '$&\r\n'),
  ])
  return [
    `Received: from ${received}.example.net by mx.example.com; Sat, 28 Nov 2026 10:00:00 +0000`,
    `From: Bob <${from}>`,
    ...(id === undefined ? [] : [`Message-ID: <${id}>`]),
    `Subject: =?UTF-8?B?${Buffer.from(subject).toString('base64')}?=`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Look at these.',
    ...parts.flat(),
    `--${boundary}--`,
    '',
  ].join('\r\n')
}
