/** argv to a command and its arguments: syntax only, nothing is done. */
import leven from 'leven'
import type { Options } from 'yargs-parser'
import readWords from 'yargs-parser/browser'
import { SwarmError } from '../errors.ts'
import { withArticle } from '../verbs/context.ts'
import { type Args, type Command, checkOperands } from './command.ts'
import { commands } from './commands.ts'
import { dashed, type Option, show, type Typed } from './option.ts'
import { common } from './options.ts'
import { checkRules } from './rule.ts'
import { rulesOf } from './rules.ts'

/**
 * How yargs reads: with its own reader alone, and that one without files. Texts stay texts, nothing is guessed, and
 * words that name no option stay as they were typed.
 */
const READING = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'nargs-eats-options': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'unknown-options-as-args': true,
} as const

const NUMBER = /^-\d+(\.\d+)?$/

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
  const before = beforeCommand(argv)
  const words = before.flatMap((word) => separateLetters(command, word))
  const { _: others, ...options } = readWords(words, readingOf(command))
  const typed = new Map<string, Typed>()
  for (const [name, value] of Object.entries<unknown>(options)) {
    const option = findOption(command, name)
    if (option === undefined) throw unknown(command, dashed(name))
    const wrong = (why: string) => new SwarmError('OPTION_INVALID', `${dashed(name)} ${why}`)
    const earlier = typed.get(option.flag)
    if (option.value === undefined) {
      if (words.some((word) => word.startsWith(`--${name}=`))) throw wrong('takes no value')
      typed.set(option.flag, earlier ?? { dashed: dashed(name), texts: [] })
      continue
    }
    const texts = [value].flat().map((text) => (typeof text === 'string' ? text : ''))
    if (!option.repeat && (earlier !== undefined || texts.length > 1)) throw wrong('is given twice')
    if (isWithoutValue(name, words) || (texts.includes('') && !option.mayBeEmpty))
      throw wrong(`takes ${withArticle(option.value)}`)
    typed.set(option.flag, { dashed: dashed(name), texts: [...(earlier?.texts ?? []), ...texts] })
  }
  const operands = others.map(String)
  const stranger =
    before.find(
      (word) => isLong(word) && !command.options.some(({ flag }) => nameIn(word) === dashed(flag)),
    ) ?? operands.find((word) => /^-./s.test(word) && !NUMBER.test(word))
  if (stranger !== undefined) throw unknown(command, nameIn(stranger))
  return { typed, operands, after: argv.slice(before.length + 1) }
}

/** Each name by itself, not as an alias: so an option is told as it was typed. */
function readingOf({ options }: Command): Options {
  const names = options.flatMap((option) =>
    [option.flag, option.short ?? []].flat().map((name) => ({ name, isSwitch: option.value === undefined })),
  )
  return {
    boolean: names.filter(({ isSwitch }) => isSwitch).map(({ name }) => name),
    narg: Object.fromEntries(names.map(({ name, isSwitch }) => [name, isSwitch ? 0 : 1])),
    configuration: READING,
  }
}

/** `-qn0` as `--q`, `--n=0`, which are the same to yargs: it would take a value that follows its letter for letters. */
function separateLetters(command: Command, word: string): string[] {
  if (!/^-[^-]/.test(word) || (NUMBER.test(word) && word.length > 2)) return [word]
  const words: string[] = []
  for (let at = 1; at < word.length; at++) {
    const letter = word.charAt(at)
    const rest = word.slice(at + 1)
    const option = findOption(command, letter)
    // Perhaps it is a value.
    if (option === undefined && at === 1) return [word]
    if (option === undefined) throw unknown(command, `-${letter}`)
    if (rest !== '' && (option.value !== undefined || rest.startsWith('=')))
      return [...words, `--${letter}=${rest.replace(/^=/, '')}`]
    words.push(`--${letter}`)
  }
  return words
}

function findOption({ options }: Command, name: string): Option<unknown> | undefined {
  return options.find(({ flag, short }) => flag === name || short === name)
}

/** True where the next option, or nothing, follows: a value that looks like an option is given after `=`. */
function isWithoutValue(name: string, words: readonly string[]): boolean {
  return words.some((word, at) => {
    const next = words[at + 1]
    return word === `--${name}` && (next === undefined || isLong(next))
  })
}

function isLong(word: string): boolean {
  return /^--\w/.test(word)
}

/** The option that a word names, known or not: `--name` of `--name=x`, `-n` of `-nx`. */
function nameIn(word: string): string {
  return /^(--[^=]*|-.)/su.exec(word)?.[0] ?? word
}

function unknown({ verb, options }: Command, name: string): SwarmError {
  const meant = nearest(
    name.replace(/^-+/, ''),
    options.map(({ flag }) => flag),
    '--',
  )
  return new SwarmError('OPTION_INVALID', `${verb} has no option ${name}${meant}; see lswarm ${verb} --help`)
}

/** `, did you mean …?`, when one of `known` is near enough. */
function nearest(typed: string, known: readonly string[], dashes = ''): string {
  const [best] = known
    .map((word) => ({ word, distance: leven(typed, word) }))
    .sort((a, b) => a.distance - b.distance)
  const near = best !== undefined && typed.length > 1 && best.distance <= (typed.length > 3 ? 2 : 1)
  return near ? `, did you mean ${dashes}${best.word}?` : ''
}
