/** Identities of our own: lasting key pairs, each a private file under its name. */
import { SwarmError } from '../errors.ts'
import { KeyPair } from '../gossip/key-pair.ts'
import { encodeKey, toTopic } from '../topic.ts'
import type { ConfigDirectory } from './config-directory.ts'

const DIRECTORY = 'identities'
const SUFFIX = '.pem'

/** True for what may name a key: ASCII alone, so that no two names look alike, and never a path. */
export function isKeyName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,63}$/.test(name)
}

/** @throws SwarmError OPTION_INVALID */
export function checkKeyName(name: string): string {
  if (isKeyName(name)) return name
  const rule = '1 to 64 letters, digits and _ . @ + - (of ASCII, beginning with a letter, a digit or _)'
  throw new SwarmError('OPTION_INVALID', `a name is ${rule}, not ${JSON.stringify(name.slice(0, 80))}`)
}

/**
 * A public key as it is typed (`key:` and z-base-32, or 64 hex digits), in 64 hex digits.
 * @throws SwarmError OPTION_INVALID
 */
export function parsePublicKey(text: string): string {
  try {
    return toTopic(/^[0-9a-fA-F]{64}$/.test(text) ? `hex:${text}` : /^(key|hex):/.test(text) ? text : '').hex
  } catch {
    const shown = JSON.stringify(text.slice(0, 80))
    throw new SwarmError('OPTION_INVALID', `a public key is key: and 52 z-base-32 digits, not ${shown}`)
  }
}

/** A public key, given in hex, as it is shown. */
export function showKey(hex: string): string {
  return encodeKey(Buffer.from(hex, 'hex'))
}

/** Makes an identity. @throws SwarmError CONFIG when there is one of this name */
export function createIdentity(config: ConfigDirectory, name: string): KeyPair {
  const keyPair = KeyPair.generate()
  if (config.create(fileOf(name), keyPair.toPem())) return keyPair
  throw new SwarmError('CONFIG', `there is an identity ${name} already; it is left as it is`)
}

/** @throws SwarmError CONFIG when there is none of this name, or its file cannot be used */
export function openIdentity(config: ConfigDirectory, name: string): KeyPair {
  const pem = config.read(fileOf(name))
  if (pem === undefined)
    throw new SwarmError('CONFIG', `no identity ${name}; make it with: lswarm id new ${name}`)
  try {
    return KeyPair.from(pem.toString())
  } catch (error) {
    throw new SwarmError('CONFIG', `the identity ${name} is damaged: not an ed25519 private key`, error)
  }
}

/**
 * The names of all identities, each with its public key in hex, or with the reason why its file cannot be used: it is
 * damaged, not private, or not a file.
 * @throws SwarmError CONFIG when the directory is not private
 */
export function listIdentities(config: ConfigDirectory): [name: string, key: string | SwarmError][] {
  return config
    .list(DIRECTORY)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter(isKeyName)
    .map((name) => [name, keyOf(config, name)])
}

function keyOf(config: ConfigDirectory, name: string): string | SwarmError {
  try {
    return openIdentity(config, name).publicKey.toString('hex')
  } catch (error) {
    if (error instanceof SwarmError) return error
    throw error
  }
}

/** @throws SwarmError OPTION_INVALID */
function fileOf(name: string): string {
  return `${DIRECTORY}/${checkKeyName(name)}${SUFFIX}`
}
