/** Why this page can use no passkeys, in a sentence for people; null where it can. */
export function whyNoPasskeys(): string | null {
  const { hostname } = location
  if (!isSecureContext)
    return 'Passkeys work only at an https address, or on the machine itself. This page came by plain http.'
  if (hostname.startsWith('[') || /^[\d.]+$/.test(hostname))
    return `Passkeys belong to a name, and ${hostname} is a number: open Tintype by its name, such as localhost.`
  if (!('PublicKeyCredential' in window)) return 'This browser knows no passkeys.'
  return null
}
