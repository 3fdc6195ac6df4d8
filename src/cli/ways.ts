/** The transports beyond this machine that the options ask for. */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { reasonOf, SwarmError } from '../errors.ts'
import { descriptorAt } from '../io/path.ts'
import { TopicKey } from '../key.ts'
import { limits } from '../limits.ts'
import { dht } from '../transport/dht/dht.ts'
import { type JoinRaw, rawDht } from '../transport/dht/raw.ts'
import { type DatagramOptions, parseUdp } from '../transport/endpoint/datagrams.ts'
import { endpoints } from '../transport/endpoint/endpoint.ts'
import type { TlsFiles } from '../transport/endpoint/url.ts'
import { lan } from '../transport/lan/lan.ts'
import type { KeyedOptions } from '../transport/noise/keyed.ts'
import type { Context } from '../verbs/context.ts'
import { details, maxPeers, seedFile, trust, ways } from './network.ts'
import { type Given, type Option, show } from './option.ts'
import { hasKey, readKey, readKeyFile } from './read-key.ts'

/** What is asked of the network by one command line. */
interface Asked {
  readonly verb: string
  /** What the first operand says. */
  readonly topic: string
  readonly args: Given
  readonly warn: (message: string) => void
  /** Ends a question to a person. */
  readonly signal: AbortSignal
}

/**
 * The transports beyond the local one.
 * @throws SwarmError OPTION_INVALID, KEY_INVALID
 */
export async function networkOf(asked: Asked): Promise<Omit<Context['network'], 'maxPeers'>> {
  const { verb, args } = asked
  const first = Object.values(ways).find(({ flag }) => args.typed.has(flag))
  if (first === undefined) return { transports: [] }
  assertMayLeave(first)
  const { isAllowListed, ...node } = await nodeOf(args)
  const { key, isWord } = await keyFor(asked)
  const isPublic = args.get(trust.public)
  if (verb === 'exec' && !isAllowListed && (isPublic || isWord)) {
    const why = isPublic ? 'exec --public would run the command for anybody' : 'a word can be guessed'
    throw new SwarmError('OPTION_INVALID', `${why}: say for whom, with --allow ID, or use a topic key`)
  }
  const common: KeyedOptions = { ...(isPublic ? { public: true } : { key }), ...node }
  const nodes = args.get(details.bootstrap)
  const listen = args.get(ways.listen)
  const connect = args.get(ways.connect)
  const datagrams = datagramsOf(verb, args)
  const isUdp = (url: string) => datagrams !== undefined && url.startsWith('udp:')
  const transports = [
    ...(args.get(ways.lan)
      ? [lan({ ...common, port: args.get(details.port), peers: args.get(details.peer) })]
      : []),
    ...endpoints({
      ...common,
      listen: listen.filter((url) => !isUdp(url)),
      connect: connect.filter((url) => !isUdp(url)),
      tls: await tlsOf(args),
      retryMs: args.get(details.retry),
      maxRetries: args.get(details.maxRetries),
    }),
    ...(args.get(ways.dht) ? [dht({ ...common, ...(nodes.length > 0 && { bootstrap: nodes }) })] : []),
  ]
  return { transports, datagrams: datagrams && { ...datagrams, key } }
}

/**
 * The URLs of datagrams: `pub` speaks where `sub` listens.
 * @throws SwarmError OPTION_INVALID
 */
function datagramsOf(verb: string, args: Given): DatagramOptions | undefined {
  const [listen, connect] = [ways.listen, ways.connect].map((way) =>
    args.get(way).filter((url) => url.startsWith('udp:')),
  )
  if (!listen?.length && !connect?.length) return undefined
  const wrong = (why: string) => new SwarmError('OPTION_INVALID', `udp:// ${why}`)
  if (verb !== 'pub' && verb !== 'sub') throw wrong('is for signed messages alone: pub and sub')
  if (verb === 'pub' && listen?.length) throw wrong('with pub is where others listen: pub --connect')
  if (verb === 'sub' && connect?.length) throw wrong('with sub is where it listens: sub --listen')
  for (const url of listen ?? []) parseUdp(url, 0)
  for (const url of connect ?? []) parseUdp(url, 1)
  return { listen, connect }
}

/**
 * The way to programs that use Hyperswarm, which is another than all of ours.
 * @throws SwarmError OPTION_INVALID, KEY_INVALID
 */
export async function rawOf(verb: string, args: Given): Promise<JoinRaw> {
  assertMayLeave(ways.dht)
  const { isAllowListed, maxPeers: peers = limits.networkConnections, ...node } = await nodeOf(args)
  if (verb === 'exec' && !isAllowListed)
    throw new SwarmError(
      'OPTION_INVALID',
      'exec --raw would run the command for anybody: say for whom, with --allow ID',
    )
  const nodes = args.get(details.bootstrap)
  const bootstrap = nodes.length > 0 ? nodes : undefined
  return rawDht({ ...node, maxPeers: peers, bootstrap })
}

/** @throws SwarmError OPTION_INVALID where nothing is to leave this machine */
function assertMayLeave(way: Option<unknown>): void {
  if ((process.env.LSWARM_LOCAL_ONLY ?? '') !== '')
    throw new SwarmError(
      'OPTION_INVALID',
      `--${way.flag}: LSWARM_LOCAL_ONLY is set, so nothing leaves this machine`,
    )
}

/**
 * Who we are, and who may come.
 * @throws SwarmError OPTION_INVALID, KEY_INVALID
 */
async function nodeOf(args: Given) {
  const allowed = idsOf('allow', args.get(trust.allow))
  const denied = idsOf('deny', args.get(trust.deny))
  const file = args.get(seedFile)
  return {
    isAllowListed: allowed.size > 0,
    seed: file === undefined ? undefined : await readSeed(file),
    maxPeers: args.get(maxPeers),
    firewall: (publicKey: Buffer) => {
      const id = publicKey.toString('hex')
      return denied.has(id) || (allowed.size > 0 && !allowed.has(id))
    },
  }
}

/** @throws SwarmError KEY_INVALID */
export async function readSeed(file: string): Promise<Buffer> {
  return (await readKeyFile(file)).seed()
}

/** The topic key, or what the ways that were asked for take instead of one. */
async function keyFor({
  args,
  topic,
  warn,
  signal,
}: Asked): Promise<{ key: TopicKey | undefined; isWord: boolean }> {
  const place = { file: args.get(trust.keyFile), fd: args.get(trust.keyFd) }
  if (args.get(trust.public)) return { key: undefined, isWord: false }
  const urls = [...args.get(ways.listen), ...args.get(ways.connect)]
  if (hasKey(place) || args.get(ways.dht) || urls.some((url) => /^(tcp|udp):/.test(url)))
    return { key: await readKey(place, signal), isWord: false }
  if (!args.get(ways.lan)) return { key: undefined, isWord: false }
  warn('whoever on the local network guesses the word can join: a topic key keeps them out (lswarm key new)')
  return { key: await TopicKey.stretched(topic), isWord: true }
}

async function tlsOf(args: Given): Promise<TlsFiles | undefined> {
  const files = [details.tlsKey, details.tlsCert, details.tlsCa].map((option) => args.get(option))
  const [key, cert, ca] = files
  if (key === undefined && cert === undefined && ca === undefined) return undefined
  if (key === undefined || cert === undefined || ca === undefined)
    throw new SwarmError('OPTION_INVALID', '--tls-key, --tls-cert and --tls-ca go together')
  return (await import('./tls-files.ts')).readTls({ key, cert, ca })
}

/** Ids, and files with one id in each line; what follows a `#` is for people. */
function idsOf(flag: string, given: readonly string[]): ReadonlySet<string> {
  return new Set(given.flatMap((one) => (isId(one) ? [one.toLowerCase()] : idsIn(flag, one))))
}

function idsIn(flag: string, path: string): string[] {
  let text: string
  try {
    text = readFileSync(descriptorAt(path, 'read') ?? path, 'utf8')
  } catch (error) {
    const why = `takes an id of 64 hex digits, or a file of them, not ${show(path)} (${reasonOf(error)})`
    throw new SwarmError('OPTION_INVALID', `--${flag}: ${why}`, error)
  }
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  const ids = lines.flatMap((line, at) => {
    if (line === '') return []
    if (isId(line)) return [line.toLowerCase()]
    throw new SwarmError('OPTION_INVALID', `--${flag}: line ${at + 1} of ${path} is no id of 64 hex digits`)
  })
  // A file that was emptied by mistake would let everybody in.
  if (ids.length === 0) throw new SwarmError('OPTION_INVALID', `--${flag}: ${path} names no id`)
  return ids
}

function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/i.test(text)
}
