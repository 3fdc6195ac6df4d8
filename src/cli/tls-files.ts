/** The files of `--tls-key`, `--tls-cert` and `--tls-ca`: read and tried before anybody is met. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { reasonOf, SwarmError } from '../errors.ts'
import { descriptorAt } from '../io/path.ts'
import type { TlsFiles } from '../transport/endpoint/url.ts'

export interface TlsPaths {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

/** @throws SwarmError OPTION_INVALID, naming the file that is none */
export function readTls(paths: TlsPaths): TlsFiles {
  const key = read(paths.key)
  const cert = read(paths.cert)
  const ca = read(paths.ca)
  attempt(paths.key, 'not a private key in PEM without a passphrase', () => createSecureContext({ key }))
  attempt(paths.cert, 'not a certificate in PEM', () => createSecureContext({ cert }))
  attempt(paths.ca, 'not a certificate in PEM', () => new X509Certificate(ca))
  attempt(paths.key, `not the key of ${paths.cert}`, () => createSecureContext({ key, cert }))
  return { key, cert, ca }
}

function read(path: string): Buffer {
  try {
    return readFileSync(descriptorAt(path, 'read') ?? path)
  } catch (error) {
    throw new SwarmError('OPTION_INVALID', `cannot read ${path}: ${reasonOf(error)}`, error)
  }
}

function attempt(path: string, complaint: string, act: () => unknown): void {
  try {
    act()
  } catch (error) {
    throw new SwarmError('OPTION_INVALID', `cannot use ${path}: ${complaint}`, error)
  }
}
