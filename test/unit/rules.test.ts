/**
 * Every option of every verb, with every other: a pair is refused, and both are named, or both are read.
 *
 * The test sees which options a verb reads by running it with arguments that note each read, and a context that ends the run
 * at its first use.
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Args, Command } from '../../src/cli/command.ts'
import { commands } from '../../src/cli/commands.ts'
import { networkOptions } from '../../src/cli/network.ts'
import { dashed } from '../../src/cli/option.ts'
import { parse } from '../../src/cli/parse.ts'
import { runRaw } from '../../src/cli/raw.ts'
import { rulesOf } from '../../src/cli/rules.ts'
import { networkOf, rawOf } from '../../src/cli/ways.ts'
import { SwarmError } from '../../src/errors.ts'
import type { Context } from '../../src/verbs/context.ts'

const COMMAND = 'a command'
const ID = '0'.repeat(64)

/** A value for each option that takes one. */
const values: Readonly<Record<string, string>> = {
  '--allow': ID,
  '--bootstrap': '127.0.0.1:1',
  '--busy': 'wait',
  '--connect': 'tcp://127.0.0.1:1',
  '--count': '2',
  '--deny': ID,
  '--digest': 'crc32',
  '--dir': '/nowhere',
  '--drop-slow': '1s',
  '--from': ID,
  '--gone': 'x',
  '--history': '2',
  '--host': '127.0.0.1',
  '--id': 'x',
  '--interval': '1s',
  '--key-fd': '3',
  '--key-file': '/nowhere',
  '--kill-after': '1s',
  '--linger': '1s',
  '--listen': 'tls://127.0.0.1:1',
  '--max': '2',
  '--max-peers': '2',
  '--max-per-peer': '2',
  '--max-retries': '2',
  '--name': 'x',
  '--output': '/nowhere/file',
  '--peer': '127.0.0.1:1',
  '--port': '1',
  '--prefix': '%n',
  '--progress': 'bar',
  '--ready-fd': '3',
  '--retries': '2',
  '--retry': '1s',
  '--seed-file': '/nowhere',
  '--size': '5',
  '--slow': 'drop',
  '--timeout': '1s',
  '--tls-ca': '/nowhere',
  '--tls-cert': '/nowhere',
  '--tls-key': '/nowhere',
  '--to': 'x',
  '--type': 'x',
}

/** What each verb has to have, and the operand that may be left out. */
const operands: Readonly<Record<string, { readonly needed: readonly string[]; readonly optional?: string }>> =
  {
    bootstrap: { needed: [] },
    completion: { needed: ['bash'] },
    id: { needed: ['list'] },
    key: { needed: ['new'] },
    limits: { needed: [] },
    pub: { needed: [`hex:${ID}`], optional: 'MESSAGE' },
    send: { needed: [`hex:${ID}`], optional: 'FILE' },
    top: { needed: [], optional: 'TOPIC' },
    topics: { needed: [] },
  }

/** What an option says nothing without. */
const companions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '*': {
    '--allow': '--dht',
    '--bootstrap': '--dht',
    '--deny': '--dht',
    '--key-fd': '--dht',
    '--key-file': '--dht',
    '--max-retries': '--connect',
    '--peer': '--lan',
    '--port': '--lan',
    '--public': '--dht',
    '--raw': '--dht',
    '--retry': '--connect',
    '--seed-file': '--dht',
    '--tls-ca': '--listen',
    '--tls-cert': '--listen',
    '--tls-key': '--listen',
  },
  completion: { '--json': '--install' },
  connect: { '--null': '--all', '--prefix': '--all' },
  send: { '--null': '--queue', '--ordered': '--queue', '--retries': '--queue' },
  top: { '--connect': 'TOPIC', '--dht': 'TOPIC', '--lan': 'TOPIC', '--listen': 'TOPIC' },
}

/** What excludes each of those after it. */
const apart: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '*': [
    ['--quiet', '--verbose'],
    ['--local-only', '--dht', '--lan', '--listen', '--connect'],
    ['--public', '--key-file', '--key-fd'],
    ['--key-file', '--key-fd'],
  ],
  join: [
    ['--json', '--prefix', '--time', '--bell'],
    ['--plain', '--time', '--bell'],
    ['-d', '--time', '--bell', '--slow'],
    ['--null', '--time', '--bell'],
    ['--prefix', '--time', '--bell'],
    ['--keep', '--linger'],
  ],
  send: [
    ['--queue', COMMAND, '--digest', '--size', '--drop-slow', '--progress'],
    ['FILE', COMMAND, '--size'],
  ],
  recv: [
    ['--output', COMMAND],
    ['--output', '--keep'],
  ],
  exec: [
    ['--once', '--max', '--max-per-peer'],
    ['--queue', '--busy'],
  ],
  connect: [
    ['--all', COMMAND],
    ['--json', '--prefix'],
  ],
  pub: [['MESSAGE', '--null']],
  sub: [['--json', '--prefix', '--null']],
  wait: [['--gone', '--count']],
  top: [
    ['--once', '--interval'],
    ['--name', '--once', '--json'],
  ],
}

const talk = ['--json', '--quiet', '--verbose', '--ready', '--ready-fd']
const hyperswarm = [
  '--timeout',
  '--dht',
  '--bootstrap',
  '--public',
  '--allow',
  '--deny',
  '--seed-file',
  '--max-peers',
]
/** All that goes with --raw. */
const raw: Readonly<Record<string, readonly string[]>> = {
  connect: ['--no-wait'],
  exec: ['--kill-after', '--max', '--once', COMMAND],
  listen: [],
  recv: ['--no-wait', '--output'],
  send: ['--count', '--no-wait', 'FILE'],
}

/** Read by the program, whatever the verb. */
const readByProgram = new Set([...talk, '--timeout', '--progress', '--raw', '--plain', '--time', '--bell'])
const readForNetwork = new Set<string>(networkOptions.map(({ flag }) => dashed(flag)))

/** What may stand on a command line of this verb, but for --help and --version, which win over all the rest. */
function partsOf({ verb, options, command }: Command): string[] {
  const names = options.map(({ flag }) => dashed(flag)).filter((name) => !/^--(help|version)$/.test(name))
  const optional = operands[verb]?.optional
  return [
    ...names,
    ...(optional === undefined ? [] : [optional]),
    ...(command === 'allowed' ? [COMMAND] : []),
  ]
}

function companionOf({ verb, options }: Command, part: string): string | undefined {
  const isNetwork = options.some(({ flag }) => flag === 'dht')
  return companions[verb]?.[part] ?? (isNetwork ? companions['*']?.[part] : undefined)
}

/** These, and all that they need. */
function withCompanions(command: Command, parts: readonly string[]): string[] {
  const all = new Set(parts)
  // A companion may need one of its own.
  for (const part of all) {
    const companion = companionOf(command, part)
    if (companion !== undefined) all.add(companion)
  }
  return [...all]
}

function isApart({ verb, command }: Command, one: string, other: string): boolean {
  const lists = [...(apart['*'] ?? []), ...(apart[verb] ?? [])]
  if (
    lists.some(([first = '', ...rest]) => pairs(one, other).some(([a, b]) => a === first && rest.includes(b)))
  )
    return true
  const fit = new Set([
    ...talk,
    ...hyperswarm,
    ...(raw[verb] ?? []),
    ...(command === 'needed' ? [COMMAND] : []),
  ])
  return pairs(one, other).some(([a, b]) => a === '--raw' && !fit.has(b))
}

function pairs(one: string, other: string): [string, string][] {
  return [
    [one, other],
    [other, one],
  ]
}

function lineOf({ verb, command }: Command, parts: readonly string[]): string[] {
  const { needed = [`hex:${ID}`], optional = '' } = operands[verb] ?? {}
  const words = parts.flatMap((part) => {
    if (part === COMMAND || part === optional) return []
    // Else it would be for anybody, which is refused later.
    if (part === '--raw' && verb === 'exec' && !parts.includes('--allow')) return ['--raw', '--allow', ID]
    const value = values[part]
    return value === undefined ? [part] : [part, value]
  })
  const after = command === 'needed' || parts.includes(COMMAND) ? ['--', 'cat'] : []
  // The one of its operands that reads it.
  const wanted = parts.includes('--seed-file') && verb === 'key' ? ['id'] : needed
  return [...wanted, ...(parts.includes(optional) ? [optional] : []), ...words, ...after]
}

class Used extends Error {}

/** Nothing is done: the first thing that a verb takes from its context ends it. */
const context = new Proxy<Context>(Object.create(null), {
  get: () => {
    throw new Used()
  },
})

/** Arguments that note what is read of them. */
function noting(args: Args, optional: string): { readonly args: Args; readonly read: Set<string> } {
  const read = new Set<string>()
  const operands = new Proxy(args.operands, {
    get: (words, at) => {
      if (at === String(words.length - 1) || at === 'slice') read.add(optional)
      return Reflect.get(words, at)
    },
  })
  const noted: Args = {
    typed: args.typed,
    operands,
    get command() {
      read.add(COMMAND)
      return args.command
    },
    get: (option) => {
      read.add(dashed(option.flag))
      return args.get(option)
    },
  }
  return { args: noted, read }
}

async function readBy(command: Command, args: Args): Promise<ReadonlySet<string>> {
  const { verb } = command
  const noted = noting(args, operands[verb]?.optional ?? '')
  const run = args.typed.has('raw') ? runRaw(context, verb, noted.args) : command.run(context, noted.args)
  await run.catch((error: unknown) => {
    // A file that is not there is read, too.
    if (
      !(
        error instanceof Used ||
        (error instanceof SwarmError && ['KEY_INVALID', 'OUTPUT'].includes(error.code))
      )
    )
      throw error
  })
  return noted.read
}

/** What `parse` refuses, in its words. */
function refusal(command: Command, line: readonly string[]): string | undefined {
  try {
    parse(command, line)
    return undefined
  } catch (error) {
    assert.ok(error instanceof SwarmError && error.code === 'OPTION_INVALID', String(error))
    return error.message
  }
}

for (const command of commands) {
  const { verb } = command
  const parts = partsOf(command)

  test(`${verb}: of every two parts both are used, or they are refused and named`, async () => {
    for (const [at, one] of parts.entries())
      for (const other of parts.slice(at)) {
        const all = withCompanions(command, [one, other])
        const line = lineOf(command, all)
        const shown = `${verb} ${line.join(' ')}`
        const refused = refusal(command, line)
        const wrong = all.flatMap((a) =>
          all.filter((b) => a < b && isApart(command, a, b)).map((b) => [a, b]),
        )
        if (wrong.length > 0) {
          assert.ok(refused !== undefined, `${shown}: ${wrong.join(' or ')} is not refused`)
          const isNamed = ([a = '', b = '']: readonly string[]) =>
            refused.includes(`${a} and ${b} `) || refused.includes(`${b} and ${a} `)
          assert.ok(wrong.some(isNamed), `${shown}: ${refused}`)
          continue
        }
        assert.equal(refused, undefined, shown)
        const read = await readBy(command, parse(command, line))
        const isRead = (part: string) =>
          read.has(part) ||
          readForNetwork.has(part) ||
          (readByProgram.has(part) && !(command.ownTimeout && part === '--timeout'))
        for (const part of [one, other]) assert.ok(isRead(part), `${shown}: ${part} is not read`)
      }
  })

  test(`${verb}: an option that needs another is refused without it, and both are named`, () => {
    for (const part of parts) {
      const companion = companionOf(command, part)
      if (companion === undefined) continue
      const refused = refusal(command, lineOf(command, [part])) ?? ''
      assert.ok(
        refused.startsWith(`${part} goes with `) && refused.includes(companion),
        `${part}: ${refused}`,
      )
    }
  })

  test(`${verb}: a value that is given twice is refused, unless there may be many, and a switch is not`, () => {
    for (const option of command.options) {
      const name = dashed(option.flag)
      const value = values[name]
      const twice = value === undefined ? [name, name] : [name, value, name, value]
      const line = [
        ...lineOf(
          command,
          withCompanions(command, [name]).filter((part) => part !== name),
        ),
        ...twice,
      ]
      // Before a command, and not among its words.
      const end = line.indexOf('--')
      const ordered = end < 0 ? line : [...twice, ...line.slice(0, line.length - twice.length)]
      const mayRepeat = option.repeat || option.value === undefined
      assert.equal(refusal(command, ordered), mayRepeat ? undefined : `${name} is given twice`)
    }
  })
}

test('every rule of a verb names options that some verb has, and those of a verb what it has', () => {
  const all = new Set(commands.flatMap(partsOf))
  for (const command of commands)
    for (const { part, others } of rulesOf(command))
      for (const one of [part, ...others])
        if (typeof one === 'string') assert.ok(all.has(one), `${command.verb}: ${one}`)
})

test('every network option is read on the way to the network', async () => {
  const join = commands.find(({ verb }) => verb === 'join')
  assert.ok(join)
  const line = ['t', '--lan', '--listen', 'unix:/nowhere', '--connect', 'unix:/nowhere']
  const { args, read } = noting(parse(join, line), '')
  await networkOf({ verb: 'join', topic: 't', args, warn: () => {}, signal: new AbortController().signal })
  const unread = [...readForNetwork].filter((name) => !read.has(name))
  // Which leaves no way.
  assert.deepEqual(unread, ['--local-only'])
  const another = noting(parse(join, [...line, '--dht', '--public']), '')
  await rawOf('recv', another.args)
  for (const name of hyperswarm.filter((each) => !['--dht', '--public', '--timeout'].includes(each)))
    assert.ok(another.read.has(name), name)
})

test('ways of datagrams alone leave out what is for connections', () => {
  const sub = commands.find(({ verb }) => verb === 'sub')
  assert.ok(sub)
  const line = ['t', '--public', '--listen', 'udp://127.0.0.1:0']
  assert.equal(refusal(sub, line), undefined)
  for (const option of ['--allow', '--deny', '--seed-file', '--tls-key'])
    assert.match(
      refusal(sub, [...line, option, ID]) ?? '',
      new RegExp(`${option}( goes with tls://| exclude each other)`),
    )
  assert.equal(refusal(sub, [...line, '--lan', '--seed-file', 'x']), undefined)
  const pub = commands.find(({ verb }) => verb === 'pub') ?? assert.fail()
  const speaking = ['t', '--public', '--lan', '--connect', 'udp://127.0.0.1:1', '--retry', '1s']
  assert.equal(refusal(pub, speaking), '--retry goes with tcp://, tls:// or unix:')
  assert.equal(refusal(pub, [...speaking, '--connect', 'unix:/nowhere']), undefined)
})

test('no more peers are waited for than are let in', () => {
  const find = (name: string) => commands.find(({ verb }) => verb === name) ?? assert.fail(name)
  const apart = (option: string) =>
    `${option} and --max-peers exclude each other: more peers are waited for than are let in`
  const needed = (most: number) => `-n goes with --max-peers: by default at most ${most} peers are let in`
  for (const verb of ['send', 'join', 'wait']) {
    const command = find(verb)
    assert.equal(refusal(command, ['t', '-n', '2', '--max-peers', '1']), apart('-n'), verb)
    assert.equal(refusal(command, ['t', '--max-peers', '1', '--count', '2']), apart('--count'), verb)
    assert.equal(refusal(command, ['t', '-n', '2', '--max-peers', '2']), undefined, verb)
    assert.equal(refusal(command, ['t', '--max-peers', '1']), undefined, verb)
    assert.equal(refusal(command, ['t', '-n', '1000']), undefined, verb)
    assert.equal(refusal(command, ['t', '-n', '1001']), needed(1_000), verb)
    assert.equal(refusal(command, ['t', '-n', '1001', '--max-peers', '1001']), undefined, verb)
  }
  const raw = [`hex:${ID}`, '--raw', '--dht']
  assert.equal(refusal(find('send'), [...raw, '-n', '64']), undefined)
  assert.equal(refusal(find('send'), [...raw, '-n', '65']), needed(64))
  assert.equal(refusal(find('send'), [...raw, '-n', '65', '--max-peers', '65']), undefined)
  // Peers that were given it and have left are counted, too; and sub counts messages.
  assert.equal(refusal(find('pub'), ['t', 'hello', '-n', '2', '--max-peers', '1']), undefined)
  assert.equal(refusal(find('pub'), ['t', '--no-wait', '-n', '2', '--max-peers', '1']), apart('-n'))
  assert.equal(refusal(find('sub'), ['t', '-n', '2000', '--max-peers', '1']), undefined)
})

test('- is stdin, whose size may be given, and no second input beside a command', () => {
  const send = commands.find(({ verb }) => verb === 'send') ?? assert.fail()
  assert.equal(refusal(send, ['t', '-', '--size', '5']), undefined)
  assert.match(refusal(send, ['t', '-', '--', 'cat']) ?? '', /^FILE and a command exclude each other/)
})

test('an option is named as it was typed', () => {
  const find = (name: string) => commands.find(({ verb }) => verb === name) ?? assert.fail(name)
  assert.equal(
    refusal(find('join'), ['t', '-n', '0']),
    '-n: takes a whole number from 1 to 999999999, not "0"',
  )
  assert.equal(refusal(find('join'), ['t', '-n0']), '-n: takes a whole number from 1 to 999999999, not "0"')
  assert.equal(
    refusal(find('join'), ['t', '-qn', '0']),
    '-n: takes a whole number from 1 to 999999999, not "0"',
  )
  assert.equal(
    refusal(find('join'), ['t', '--count=0']),
    '--count: takes a whole number from 1 to 999999999, not "0"',
  )
  assert.equal(refusal(find('join'), ['t', '-n']), '-n takes an N')
  assert.equal(refusal(find('join'), ['t', '-n', '1', '-n', '1']), '-n is given twice')
  assert.equal(refusal(find('join'), ['t', '-qv']), '-v and -q exclude each other')
  assert.equal(
    refusal(find('recv'), ['t', '-k', '-o', '/nowhere/x', '--', 'cat'])?.slice(0, 20),
    'a command and -o exc',
  )
  assert.equal(refusal(find('send'), ['t', '-0']), '-0 goes with --queue')
})

test('letters in one word are options, and what follows one that takes a value is its value', () => {
  const find = (name: string) => commands.find(({ verb }) => verb === name) ?? assert.fail(name)
  const typed = (verb: string, ...line: string[]) =>
    Object.fromEntries([...parse(find(verb), ['t', ...line]).typed].map(([flag, { texts }]) => [flag, texts]))
  assert.deepEqual(typed('recv', '-qofile'), { quiet: [], output: ['file'] })
  assert.deepEqual(typed('recv', '-o=file'), { output: ['file'] })
  assert.deepEqual(typed('recv', '-o="file"'), { output: ['"file"'] })
  assert.deepEqual(typed('join', '-d0kn=2'), { d: [], null: [], keep: [], count: ['2'] })
  assert.deepEqual(typed('join', '-qq', '--quiet', '-q'), { quiet: [] })
  for (const [word, refused] of [
    ['-d=', '-d takes no value'],
    ['-kd=x', '-d takes no value'],
    ['-n=', '-n takes an N'],
    ['-qx', 'join has no option -x; see lswarm join --help'],
    ['-q1', 'join has no option -1; see lswarm join --help'],
    ['-q-k', 'join has no option --; see lswarm join --help'],
    ['-xq', 'join has no option -x; see lswarm join --help'],
    ['-json', 'join has no option -j; see lswarm join --help'],
    ['--n=2', 'join has no option --n; see lswarm join --help'],
    ['--json\nx', 'join has no option --json\nx, did you mean --json?; see lswarm join --help'],
    ['---', 'join has no option ---; see lswarm join --help'],
    ['-_', 'join has no option -_; see lswarm join --help'],
    ['--__proto__', 'join has no option --__proto__; see lswarm join --help'],
  ] as const)
    assert.equal(refusal(find('join'), ['t', word]), refused, word)
})

test('a switch leaves the word after it alone, and -- ends the options', () => {
  const exec = commands.find(({ verb }) => verb === 'exec') ?? assert.fail()
  const line = ['--once', 'true', '-v', '--', 'cat', '-v', '--', '--once=x', '', '-1']
  const { operands, command, typed } = parse(exec, line)
  assert.deepEqual(operands, ['true'])
  assert.deepEqual(command, { file: 'cat', args: ['-v', '--', '--once=x', '', '-1'] })
  assert.deepEqual([...typed.keys()], ['once', 'verbose'])
})

test('a value may begin with a dash, and is not taken for the next option', () => {
  const join = commands.find(({ verb }) => verb === 'join') ?? assert.fail()
  const typedAs = (flag: string, line: readonly string[]) =>
    parse(join, ['t', ...line]).typed.get(flag)?.texts
  for (const value of ['', '- %n ', '-> ', '-', '%%', '%n%%%t '])
    for (const line of [['--prefix', value], [`--prefix=${value}`]])
      assert.deepEqual(typedAs('prefix', line), [value])
  assert.deepEqual(typedAs('name', ['--name=-x']), ['-x'])
  assert.deepEqual(typedAs('prefix', ['--prefix=--json']), ['--json'])
  // The same words after = are a value, and the option beside it is an option.
  assert.deepEqual([...parse(join, ['t', '--name=--json', '--json']).typed.keys()], ['name', 'json'])
  for (const next of ['--json', '--no-such', '-d', '-k', '-0', '-kd', '--'])
    assert.equal(refusal(join, ['t', '--prefix', next]), '--prefix takes a FORMAT')
})

test('a topic may be called -', () => {
  const top = commands.find(({ verb }) => verb === 'top') ?? assert.fail()
  assert.equal(refusal(top, ['-', '--lan']), undefined)
})

test('--keep and -o go together where streams follow one another', () => {
  const recv = commands.find(({ verb }) => verb === 'recv') ?? assert.fail()
  for (const path of ['-', '/dev/null', '/dev/stdout', '/dev/fd/1'])
    assert.equal(refusal(recv, ['t', '--keep', '-o', path]), undefined, path)
  for (const path of ['/nowhere/file', import.meta.filename])
    assert.match(refusal(recv, ['t', '--keep', '-o', path]) ?? '', /^-o and --keep exclude each other/, path)
})

test('numbers below zero are operands, and values', () => {
  const pub = commands.find(({ verb }) => verb === 'pub') ?? assert.fail()
  assert.deepEqual(parse(pub, ['temperature', '-10', '-0.5', '--type', 'celsius']).operands, [
    'temperature',
    '-10',
    '-0.5',
  ])
  assert.equal(refusal(pub, ['t', '--timeout', '-1'])?.slice(0, 30), '--timeout: takes a duration li')
})

test('whatever the words, they are read or refused with an error of one short line', () => {
  const flags = commands.flatMap(({ options }) =>
    options.flatMap(({ flag, short }) => [dashed(flag), `-${short ?? flag.slice(0, 1)}`]),
  )
  const text = fc.string({ unit: 'binary', maxLength: 20 })
  const word = fc.oneof(
    fc.constantFrom('--', '-', '', 't', ...flags),
    text,
    text.map((value) => `-${value}`),
    fc.tuple(fc.constantFrom(...flags), text).map(([flag, value]) => `${flag}=${value}`),
  )
  fc.assert(
    fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 6 }), (command, words) => {
      try {
        parse(command, words)
      } catch (error) {
        assert.ok(error instanceof SwarmError && error.code === 'OPTION_INVALID', String(error))
        assert.match(error.message, /^.{1,400}$/su)
      }
    }),
    { numRuns: 2_000 },
  )
})
