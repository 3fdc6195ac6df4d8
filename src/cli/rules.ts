/**
 * Which options go together, for every verb. A command line that keeps these rules uses all that stands on it: what
 * would be ignored is refused. `test/unit/rules.test.ts` tries every pair.
 */
import { statSync } from 'node:fs'
import { SwarmError } from '../errors.ts'
import type { Args, Command } from './command.ts'
import { maxPeers, ways } from './network.ts'
import { dashed, type Given } from './option.ts'
import { output } from './options.ts'

/** An option by its long name with its dashes, or something else that may stand on a command line. */
type Part = `-${string}` | Other

interface Other {
  /** What messages and manual pages call it. */
  readonly name: string
  /** Its option, if it is one that has a certain value. */
  readonly flag?: string
  isGiven(args: Args): boolean
}

export interface Rule {
  readonly part: Part
  /** `part` needs one of the others; it excludes each of them; or it excludes all options but them. */
  readonly kind: 'needs' | 'excludes' | 'allows'
  readonly others: readonly Part[]
  readonly why?: string | undefined
}

const rule =
  (kind: Rule['kind']) =>
  (part: Part, others: readonly Part[], why?: string): Rule => ({
    part,
    kind,
    others,
    why,
  })
const needs = rule('needs')
const excludes = rule('excludes')
const allows = rule('allows')

const COMMAND: Other = { name: 'a command', isGiven: ({ command }) => command !== undefined }
const FILE = operand('FILE', 1)
const MESSAGE = operand('MESSAGE', 1)
const TOPIC = operand('TOPIC', 0)
const KEY_ID: Other = { name: 'key id', isGiven: ({ operands }) => operands[0] === 'id' }
/** A file that each stream makes anew; pipes and devices take one stream after another. */
const OUTPUT_FILE: Other = {
  name: '--output',
  flag: output.flag,
  isGiven: (args) => isFile(args.get(output)),
}
const TLS: Other = { name: 'tls://', isGiven: (args) => urls(args).some((url) => url.startsWith('tls:')) }
const UDP: Other = { name: 'udp://', isGiven: (args) => urls(args).some((url) => url.startsWith('udp:')) }
/** Nothing but datagrams goes beyond this machine. */
const UDP_ALONE: Other = {
  name: 'udp://',
  isGiven: (args) =>
    UDP.isGiven(args) &&
    !args.get(ways.dht) &&
    !args.get(ways.lan) &&
    urls(args).every((url) => url.startsWith('udp:')),
}

const WAYS = ['--dht', '--lan', '--listen', '--connect'] as const
const TALK = ['--json', '--quiet', '--verbose', '--ready', '--ready-fd'] as const
/** What programs that use Hyperswarm can be met with. */
const RAW = [
  '--dht',
  '--bootstrap',
  '--public',
  '--allow',
  '--deny',
  '--seed-file',
  '--max-peers',
  ...TALK,
] as const
const NO_LSWARM = 'nobody there speaks lswarm'
const ONE_COMMAND = 'there is only one command'

/** Rules of all verbs. */
const everywhere: readonly Rule[] = [excludes('--quiet', ['--verbose'])]

/** Rules of the verbs that reach beyond this machine. */
const network: readonly Rule[] = [
  needs('--raw', ['--dht']),
  needs('--bootstrap', ['--dht']),
  needs('--peer', ['--lan']),
  needs('--port', ['--lan']),
  needs('--retry', ['--connect']),
  needs('--max-retries', ['--connect']),
  ...(['--public', '--key-file', '--key-fd', '--allow', '--deny', '--seed-file'] as const).map((option) =>
    needs(option, WAYS),
  ),
  excludes('--local-only', WAYS),
  excludes('--key-file', ['--public', '--key-fd']),
  excludes('--key-fd', ['--public']),
  ...(['--tls-key', '--tls-cert', '--tls-ca'] as const).flatMap((option) => [
    needs(option, ['--listen', '--connect']),
    needs(option, [TLS]),
  ]),
  excludes('--allow', [UDP], 'a datagram is from its author, whom sub --from picks'),
  excludes('--deny', [UDP], 'a datagram is from its author, whom sub --from picks'),
  ...(['--seed-file', '--retry', '--max-retries'] as const).map((option) =>
    excludes(option, [UDP_ALONE], 'datagrams make no connection'),
  ),
]

/** Rules of one verb. */
const own: Readonly<Record<string, readonly Rule[]>> = {
  join: [
    excludes('--json', ['--prefix', '--time', '--bell'], 'NDJSON has fields for that'),
    excludes('--plain', ['--time', '--bell'], 'they are of the chat'),
    excludes('-d', ['--time', '--bell'], 'they are of the chat'),
    excludes('-d', ['--slow'], 'nothing is said'),
    excludes('--null', ['--time', '--bell'], 'they are of the chat'),
    excludes('--prefix', ['--time', '--bell'], 'they are of the chat; %t is the time'),
    excludes('--keep', ['--linger'], 'to stay, or to leave after a while'),
  ],
  send: [
    needs('--ordered', ['--queue']),
    needs('--retries', ['--queue']),
    needs('--null', ['--queue']),
    excludes('--queue', [COMMAND], 'records come from stdin or a file'),
    excludes('--queue', ['--digest', '--size', '--drop-slow', '--progress'], 'records are no stream'),
    excludes('--size', [FILE], 'the size of a file is known'),
    excludes(COMMAND, [FILE], 'the stream comes from one of them'),
    allows('--raw', [...RAW, '--timeout', '--count', '--no-wait', FILE], NO_LSWARM),
  ],
  recv: [
    excludes('--output', [COMMAND], 'the stream goes to one of them'),
    excludes('--keep', [OUTPUT_FILE], 'each stream would replace the one before'),
    allows('--raw', [...RAW, '--timeout', '--output', '--no-wait'], NO_LSWARM),
  ],
  exec: [
    excludes('--once', ['--max', '--max-per-peer'], ONE_COMMAND),
    allows('--raw', [...RAW, '--max', '--once', '--kill-after', COMMAND], NO_LSWARM),
  ],
  connect: [
    needs('--prefix', ['--all']),
    needs('--null', ['--all']),
    excludes('--all', [COMMAND], 'one command cannot talk with many handlers'),
    excludes('--json', ['--prefix'], 'NDJSON has fields for that'),
    allows('--raw', [...RAW, '--timeout', '--no-wait'], NO_LSWARM),
  ],
  listen: [allows('--raw', [...RAW, '--timeout'], NO_LSWARM)],
  pub: [excludes('--null', [MESSAGE], 'it is for messages from stdin')],
  sub: [
    excludes('--json', ['--prefix'], 'NDJSON has fields for that'),
    excludes('--json', ['--null'], 'an object of NDJSON ends with a newline'),
  ],
  wait: [excludes('--gone', ['--count'], 'it waits for one or the other')],
  top: [
    ...WAYS.map((way) => needs(way, [TOPIC])),
    excludes('--once', ['--interval'], 'peers are asked once'),
  ],
  key: [needs('--seed-file', [KEY_ID])],
  completion: [needs('--json', ['--install'])],
}

/** All rules of a verb; they may be about options that it does not have, which are not given then. */
export function rulesOf({ verb, options }: Command): readonly Rule[] {
  return [...everywhere, ...(options.includes(maxPeers) ? network : []), ...(own[verb] ?? [])]
}

/** What a rule calls a part, whether or not it was typed. */
export function nameOf(part: Part): string {
  return typeof part === 'string' ? part : part.name
}

/**
 * @throws SwarmError OPTION_INVALID, naming two parts of the command line that exclude each other, or one that needs
 * another, as they were typed
 */
export function checkRules(command: Command, args: Args): void {
  for (const { part, kind, others, why } of rulesOf(command)) {
    if (!isGiven(part, args)) continue
    const one = typedName(part, args)
    if (kind === 'needs') {
      if (others.some((other) => isGiven(other, args))) continue
      throw new SwarmError('OPTION_INVALID', `${one} goes with ${others.map(nameOf).join(' or ')}`)
    }
    const isRefused = (other: Part) => others.includes(other) === (kind === 'excludes')
    const parts: readonly Part[] =
      kind === 'excludes' ? others : [...command.options.map(({ flag }) => dashed(flag)), COMMAND]
    const other = parts.find((each) => each !== part && isRefused(each) && isGiven(each, args))
    if (other === undefined) continue
    const message = `${typedName(other, args)} and ${one} exclude each other`
    throw new SwarmError('OPTION_INVALID', why === undefined ? message : `${message}: ${why}`)
  }
}

function isGiven(part: Part, args: Args): boolean {
  return typeof part === 'string' ? args.typed.has(part.replace(/^-+/, '')) : part.isGiven(args)
}

function typedName(part: Part, args: Args): string {
  const flag = typeof part === 'string' ? part.replace(/^-+/, '') : part.flag
  return (flag === undefined ? undefined : args.typed.get(flag)?.dashed) ?? nameOf(part)
}

function operand(name: string, at: number): Other {
  // `-` is stdin, as if nothing were there.
  return { name, isGiven: ({ operands }) => (operands[at] ?? '-') !== '-' }
}

function urls(args: Given): readonly string[] {
  return [...args.get(ways.listen), ...args.get(ways.connect)]
}

/** False where nothing can be said: then the verb fails, and says why. */
function isFile(path: string | undefined): boolean {
  if (path === undefined || /^(-|\/dev\/(stdout|stderr|fd\/\d+)|\/proc\/self\/fd\/\d+)$/.test(path))
    return false
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true
  } catch {
    return false
  }
}
