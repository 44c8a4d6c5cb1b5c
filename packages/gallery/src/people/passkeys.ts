import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from '@simplewebauthn/browser'
import { type NewPasskey, type Passkey, personRoutes } from '@tintype/protocol'
import { ApiError, ask, json, sessionHasBegun, withBody } from '../api.ts'
import { at } from './account-api.ts'

/** Makes one in this device, or in another that is near. @throws errors whose message is fit for people */
export async function addPasskey(name: string): Promise<Passkey> {
  const optionsJSON = await ask<PublicKeyCredentialCreationOptionsJSON>(at(personRoutes.passkeyOptions), {
    method: 'POST',
  })
  const response = await startRegistration({ optionsJSON }).catch((error) => {
    throw wordsFor(error, optionsJSON.rp.id)
  })
  return ask(at(personRoutes.passkeys), withBody('POST', { name, response } satisfies NewPasskey))
}

/** The device says who it is. @throws errors whose message is fit for people */
export async function signInByPasskey(): Promise<void> {
  const optionsJSON = await json<PublicKeyCredentialRequestOptionsJSON>(at(personRoutes.signInOptions), {
    method: 'POST',
  })
  const response = await startAuthentication({ optionsJSON }).catch((error) => {
    throw wordsFor(error, optionsJSON.rpId)
  })
  try {
    await json(at(personRoutes.signIn), withBody('POST', { response }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) forget(optionsJSON.rpId, response.id)
    throw error
  }
  sessionHasBegun()
}

/** Lets the browser offer it no more: it was removed here. Those that can't, offer it again. */
function forget(rpId: string | undefined, credentialId: string): void {
  const { signalUnknownCredential } = PublicKeyCredential as {
    signalUnknownCredential?: (credential: object) => Promise<void>
  }
  signalUnknownCredential?.call(PublicKeyCredential, { rpId, credentialId }).catch(() => {})
}

function wordsFor(error: unknown, host = ''): Error {
  const { name } = error as Error
  if (error instanceof WebAuthnError)
    switch (error.code) {
      case 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED':
        return new Error('This device has a passkey for you already.')
      case 'ERROR_INVALID_DOMAIN':
      case 'ERROR_INVALID_RP_ID':
        return new Error(`Passkeys belong to ${host}: open Tintype at that address.`)
      case 'ERROR_AUTHENTICATOR_MISSING_USER_VERIFICATION_SUPPORT':
      case 'ERROR_AUTHENTICATOR_MISSING_DISCOVERABLE_CREDENTIAL_SUPPORT':
        return new Error('This device has no finger, face or PIN to know you by: set one up first.')
    }
  // The standard does not say which: who looks on is not to learn what a device has.
  if (name === 'NotAllowedError' || name === 'AbortError')
    return new Error('No passkey was used: it was cancelled, or took too long, or there is none here.')
  return new Error('This device could not use a passkey. Try again.')
}
