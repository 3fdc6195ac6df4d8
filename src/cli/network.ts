/** The options that reach beyond this machine, and the transports that they ask for. */
import { networkInterfaces } from 'node:os'
import { SwarmError } from '../errors.ts'
import { parseKey } from '../key.ts'
import { dht } from '../transport/dht/dht.ts'
import type { Transport } from '../transport/transport.ts'
import { type Given, type Option, parseCount, repeated, show, toggle, valued } from './option.ts'
import { readKey, readPrivately } from './read-key.ts'

const nothing = () => undefined

export const network = {
  dht: toggle({ flag: 'dht', summary: 'meet peers anywhere too, encrypted: with a topic key, or --public' }),
  bootstrap: repeated({
    flag: 'bootstrap',
    value: 'HOST:PORT',
    summary: 'with --dht: the first node of a private network; may be repeated',
  }),
  public: toggle({
    flag: 'public',
    summary: 'with --dht: no key; whoever knows or guesses the topic may come',
  }),
  keyFile: valued(
    {
      flag: 'key-file',
      value: 'FILE',
      summary: 'with --dht: the topic key is in FILE, which only you may read',
    },
    nothing,
    (text) => text,
  ),
  keyFd: valued(
    {
      flag: 'key-fd',
      value: 'N',
      summary: 'with --dht: the topic key comes from descriptor N; else from $LSWARM_KEY, or it is asked for',
    },
    nothing,
    parseCount(0),
  ),
  allow: repeated({
    flag: 'allow',
    value: 'ID',
    summary: 'with --dht: only peers with this id (lswarm key id); may be repeated',
  }),
  deny: repeated({ flag: 'deny', value: 'ID', summary: 'with --dht: no peer with this id; may be repeated' }),
} as const

export const seedFile = valued(
  {
    flag: 'seed-file',
    value: 'FILE',
    summary: 'be the same peer each time: FILE holds what lswarm key new printed',
  },
  nothing,
  (text) => text,
)

/** All that a verb which meets peers takes. */
export const networkOptions: readonly Option<unknown>[] = [...Object.values(network), seedFile]

export const bootstrap = {
  host: valued(
    {
      flag: 'host',
      value: 'ADDRESS',
      summary: 'where others reach this machine; default: its first address',
    },
    firstAddress,
    (text) => text,
  ),
  port: valued(
    { flag: 'port', value: 'N', summary: 'UDP port, 0 for any that is free; default 49737' },
    () => 49_737,
    parseCount(0),
  ),
} as const

/**
 * The transports beyond the local one.
 * @throws SwarmError OPTION_INVALID, KEY_INVALID
 */
export async function networkOf(
  { verb, options }: { readonly verb: string; readonly options: readonly Option<unknown>[] },
  args: Given,
): Promise<readonly Transport[]> {
  if (!options.includes(network.dht)) return []
  if (!args.get(network.dht)) {
    const alone = networkOptions.find((option) => option !== network.dht && isGiven(args.get(option)))
    if (alone === undefined) return []
    throw new SwarmError('OPTION_INVALID', `--${alone.flag} goes with --dht`)
  }
  const nodes = args.get(network.bootstrap)
  const allowed = new Set(args.get(network.allow).map((id) => checkId('allow', id)))
  const denied = new Set(args.get(network.deny).map((id) => checkId('deny', id)))
  const place = { file: args.get(network.keyFile), fd: args.get(network.keyFd) }
  const isPublic = args.get(network.public)
  if (isPublic && (place.file !== undefined || place.fd !== undefined))
    throw new SwarmError('OPTION_INVALID', '--public is without a key')
  if (isPublic && verb === 'exec' && allowed.size === 0)
    throw new SwarmError(
      'OPTION_INVALID',
      'exec --public would run the command for anybody: say for whom, with --allow ID',
    )
  const file = args.get(seedFile)
  return [
    dht({
      ...(isPublic ? { public: true } : { key: await readKey(place) }),
      ...(nodes.length > 0 && { bootstrap: nodes }),
      ...(file !== undefined && { seed: await readSeed(file) }),
      firewall: (publicKey) => {
        const id = publicKey.toString('hex')
        return denied.has(id) || (allowed.size > 0 && !allowed.has(id))
      },
    }),
  ]
}

/** @throws SwarmError KEY_INVALID */
export async function readSeed(file: string): Promise<Buffer> {
  return (await parseKey(readPrivately(file))).seed()
}

function isGiven(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== false
}

function checkId(flag: string, id: string): string {
  if (/^[0-9a-f]{64}$/i.test(id)) return id.toLowerCase()
  throw new SwarmError('OPTION_INVALID', `--${flag}: takes an id of 64 hex digits, not ${show(id)}`)
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}
