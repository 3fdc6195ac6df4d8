/**
 * The proof that both ends of an encrypted connection have the topic key.
 *
 *     initiator                    acceptor
 *     proof(i)          ->
 *                       <-         proof(r), when proof(i) was right; or nothing, and a close
 *
 * It is bound to the connection by the hash of its Noise handshake, to its direction by the role, and
 * to both key pairs: replayed, reflected or passed on it is wrong. The initiator shows it first, so
 * that nobody learns from us whether we have a key before they have shown theirs.
 */
import { timingSafeEqual } from 'node:crypto'
import { hash } from '../key.ts'

export const PROOF_BYTES = 32

/** An encrypted connection, as both of its ends know it. */
export interface Handshake {
  readonly isInitiator: boolean
  /** Of the Noise handshake: another for each connection. */
  readonly handshakeHash: Uint8Array
  readonly publicKey: Uint8Array
  readonly remotePublicKey: Uint8Array
}

/** What this end of the connection shows. */
export function ownProof(auth: Buffer, connection: Handshake): Buffer {
  return proofBy(auth, connection, connection.isInitiator)
}

/** Whether what the other end showed is right; takes as long when it is not. */
export function isProved(auth: Buffer, connection: Handshake, shown: Uint8Array): boolean {
  return (
    shown.length === PROOF_BYTES && timingSafeEqual(proofBy(auth, connection, !connection.isInitiator), shown)
  )
}

function proofBy(auth: Buffer, connection: Handshake, byInitiator: boolean): Buffer {
  const { isInitiator, handshakeHash, publicKey, remotePublicKey } = connection
  const keys = isInitiator ? [publicKey, remotePublicKey] : [remotePublicKey, publicKey]
  return hash(
    auth,
    'lswarm/v1/proof',
    Buffer.concat([Buffer.from(byInitiator ? 'i' : 'r'), handshakeHash, ...keys]),
  )
}
