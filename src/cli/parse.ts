/** argv to a command and its arguments: syntax only, nothing is done. */
import { parseArgs } from 'node:util'
import leven from 'leven'
import { SwarmError } from '../errors.ts'
import { withArticle } from '../verbs/context.ts'
import { type Args, type Command, checkOperands } from './command.ts'
import { commands } from './commands.ts'
import { dashed, type Option, show, type Typed } from './option.ts'
import { common } from './options.ts'
import { checkRules } from './rule.ts'
import { rulesOf } from './rules.ts'

/** What stands on a command line after the verb. */
interface Words {
  readonly typed: ReadonlyMap<string, Typed>
  readonly operands: readonly string[]
  /** What follows `--`. */
  readonly after: readonly string[]
}

/** The words that may be options: those before `--`. */
export function beforeCommand(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end < 0 ? argv : argv.slice(0, end)
}

/** True where errors are to be objects, even if the rest of these words cannot be read. */
export function asksForJson(argv: readonly string[]): boolean {
  const flag = dashed(common.json.flag)
  return beforeCommand(argv).some((word) => word === flag || word.startsWith(`${flag}=`))
}

/**
 * @throws SwarmError OPTION_INVALID, with the verb that was meant
 */
export function findCommand(verb: string): Command {
  const command = commands.find((one) => one.verb === verb)
  if (command !== undefined) return command
  if (verb.startsWith('-')) {
    const option = nearest(verb.replace(/^-+/, ''), [common.help.flag, common.version.flag], '--')
    throw new SwarmError('OPTION_INVALID', `the verb comes first: lswarm VERB TOPIC ${verb}${option}`)
  }
  const meant = nearest(
    verb,
    commands.map((one) => one.verb),
  )
  throw new SwarmError('OPTION_INVALID', `unknown verb ${JSON.stringify(verb)}${meant}; see lswarm --help`)
}

/** @throws SwarmError OPTION_INVALID for what the command does not know, or does not take so */
export function parse(command: Command, argv: readonly string[]): Args {
  const { typed, operands: before, after } = read(command, argv)
  const [file, ...rest] = command.command ? after : []
  const operands = command.command ? before : [...before, ...after]
  const args: Args = {
    operands,
    command: file === undefined ? undefined : { file, args: rest },
    typed,
    get: (option) => option.read(typed.get(option.flag)),
  }
  if (typed.has(common.help.flag) || typed.has(common.version.flag)) return args
  checkOperands(command, operands)
  // Node has put U+FFFD for bytes that are not UTF-8: topics of different bytes would be one.
  const broken = operands.find((operand) => operand.includes('\ufffd'))
  if (broken !== undefined) throw new SwarmError('OPTION_INVALID', `${show(broken)} is not UTF-8`)
  if (command.command === 'needed' && !file) {
    const { verb } = command
    throw new SwarmError('OPTION_INVALID', `${verb} takes a command: lswarm ${verb} TOPIC -- COMMAND`)
  }
  for (const option of command.options) if (typed.has(option.flag)) args.get(option)
  checkRules(rulesOf(command), command, args)
  return args
}

/** @throws SwarmError OPTION_INVALID for an option that the command does not know, and for one without its value */
function read(command: Command, argv: readonly string[]): Words {
  const typed = new Map<string, { readonly dashed: string; readonly texts: string[] }>()
  const operands: string[] = []
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(command.options.map((option) => [option.flag, formOf(option)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  })
  let numberAt = -1
  for (const token of tokens) {
    if (token.index === numberAt) continue
    if (token.kind === 'option-terminator') return { typed, operands, after: argv.slice(token.index + 1) }
    if (token.kind === 'positional') {
      operands.push(token.value)
      continue
    }
    const { name, rawName, inlineValue } = token
    const word = argv[token.index] ?? ''
    const option = command.options.find(({ flag }) => flag === name)
    if (/^-\d+(\.\d+)?$/.test(word) && (option === undefined || word.length > 2)) {
      operands.push(word)
      numberAt = token.index
      continue
    }
    if (option === undefined) throw unknown(command, word, rawName)
    // `-n=2` is `-n 2`, as `--count=2` is.
    const value = inlineValue && rawName.length === 2 ? token.value.replace(/^=/, '') : token.value
    const wrong = (why: string) => new SwarmError('OPTION_INVALID', `${rawName} ${why}`)
    const before = typed.get(name)
    if (before !== undefined && !option.repeat) throw wrong('is given twice')
    const texts = before?.texts ?? []
    typed.set(name, { dashed: rawName, texts })
    if (option.value === undefined && value === undefined) continue
    if (option.value === undefined) throw wrong('takes no value')
    const isMissing = value === undefined || (!inlineValue && isOption(command, value))
    if (isMissing || (value === '' && !option.mayBeEmpty)) throw wrong(`takes ${withArticle(option.value)}`)
    texts.push(value)
  }
  return { typed, operands, after: [] }
}

function formOf({ flag, short, value }: Option<unknown>) {
  const letter = flag.length === 1 ? flag : short
  return {
    type: value === undefined ? ('boolean' as const) : ('string' as const),
    ...(letter !== undefined && { short: letter }),
  }
}

/** True for a word that is no value but the next option, so that the value is missing: a value like that follows `=`. */
function isOption({ options }: Command, word: string): boolean {
  if (/^--($|[a-z])/i.test(word)) return true
  const [, letter] = /^-(.)/.exec(word) ?? []
  return letter !== undefined && options.some(({ flag, short }) => flag === letter || short === letter)
}

function unknown({ verb, options }: Command, word: string, dashed: string): SwarmError {
  // The letters of `-d=x` are read one by one.
  const [, toggled] = /^(-[^-])=/.exec(word) ?? []
  if (dashed === '-=' && toggled) return new SwarmError('OPTION_INVALID', `${toggled} takes no value`)
  const meant = nearest(
    dashed.replace(/^-+/, ''),
    options.map(({ flag }) => flag),
    '--',
  )
  return new SwarmError(
    'OPTION_INVALID',
    `${verb} has no option ${dashed}${meant}; see lswarm ${verb} --help`,
  )
}

/** `, did you mean …?`, when one of `known` is near enough. */
function nearest(typed: string, known: readonly string[], dashes = ''): string {
  const [best] = known
    .map((word) => ({ word, distance: leven(typed, word) }))
    .sort((a, b) => a.distance - b.distance)
  const near = best !== undefined && typed.length > 1 && best.distance <= (typed.length > 3 ? 2 : 1)
  return near ? `, did you mean ${dashes}${best.word}?` : ''
}
