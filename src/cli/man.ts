/** The manual pages that are made of the option table: lswarm(1), and one for each verb. */
import about from '../../package.json' with { type: 'json' }
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { descriptions } from './descriptions.ts'
import { type Diagnostic, diagnostics } from './diagnostics.ts'
import { definitions, escaped, head, sentence, text } from './mdoc.ts'
import { networkOptions } from './network.ts'
import type { Option } from './option.ts'
import { common } from './options.ts'
import { describeRules } from './rule.ts'
import { ownRules, sharedRules } from './rules.ts'
import { statuses } from './status.ts'

const others: readonly (readonly [page: string, section: number])[] = [
  ['lswarm-protocol', 5],
  ['lswarm-security', 7],
]

/** All of them, by the name of their file. */
export function manPages(): readonly (readonly [file: string, text: string])[] {
  return [
    ['lswarm.1', page(main())],
    ...commands.map((command) => [`lswarm-${command.verb}.1`, page(verbPage(command))] as const),
  ]
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

function main(): string[] {
  return [
    ...head('lswarm', 1, 'lswarm', 'netcat for names'),
    '.Sh SYNOPSIS',
    '.Nm',
    '.Ar VERB',
    '.Op Ar TOPIC',
    '.Op Ar options',
    '.Op Fl - Ar command ...',
    '.Nm',
    '.Cm help',
    '.Op Ar VERB',
    '.Sh DESCRIPTION',
    text(
      'Processes that say the same word meet, with no port, no broker, no daemon and no configuration. The word is a topic; each verb is a way to use it, and has a page of its own.',
    ),
    'This is version',
    `${about.version}.`,
    ...definitions(
      commands.map(({ verb, summary }) => [`Xr lswarm-${verb} 1`, text(`${sentence(summary)}.`)] as const),
    ),
    '.Pp',
    text(
      'A topic is any text. Peers of one machine and user meet by default; options of the verbs lead beyond it. What goes out of stdout is the data, and nothing else: all that is said to people goes to stderr.',
    ),
    '.Sh OPTIONS',
    'Every verb on a topic takes these, unless its page lists its own:',
    ...definitions(Object.values(common).map(item)),
    '.Pp',
    text(
      'Options may be shortened to one dash and one letter where one is shown, and stand before or after the topic. After -- comes a command. A value that looks like an option follows an equals sign: --name=-x.',
    ),
    '.Pp',
    text('An option that would have no effect beside another is refused, with status 2. For all verbs:'),
    ...definitions(describeRules(sharedRules).map(together)),
    '.Sh ENVIRONMENT',
    ...definitions([
      ['Ev LSWARM_DIR', 'The runtime directory.'],
      [
        'Ev XDG_RUNTIME_DIR',
        'Its directory',
        '.Pa lswarm',
        'is used where',
        '.Ev LSWARM_DIR',
        'is not set; without both,',
        '.Pa lswarm-UID',
        'in the directory for temporary files.',
      ],
      [
        'Ev XDG_CONFIG_HOME',
        'Its directory',
        '.Pa lswarm',
        'keeps the identities of',
        '.Xr lswarm-id 1',
        'and the names that are known; where it is not set,',
        '.Pa ~/.config/lswarm',
        'does.',
      ],
      ['Ev LSWARM_KEY', text('A topic key, for ways beyond this machine.')],
      ['Ev LSWARM_LOCAL_ONLY', text('Set to anything, it refuses all ways beyond this machine.')],
      [
        'Ev LSWARM_DEBUG',
        text('Set to anything, an error is followed by where it came from in the program.'),
      ],
      ['Ev NO_COLOR', text('Set to anything, nothing is coloured.')],
      [
        'Ev PROTO , LSWARM_TOPIC , LSWARM_PEER , LSWARM_TRANSPORT , LSWARM_CONNECTION',
        'Given to the commands of',
        '.Xr lswarm-exec 1 :',
        text(
          'the word LSWARM, the topic as the server typed it, the id of the peer, the transport, and the number of the connection.',
        ),
      ],
    ]),
    '.Sh EXIT STATUS',
    ...definitions(
      statuses.map(([status, meaning]) => [`${status}`, text(`${sentence(meaning)}.`)] as const),
    ),
    '.Sh DIAGNOSTICS',
    text(
      'Each is one line on stderr, after the name of the program. Words in capitals stand for what is at hand. With --json it is an object, with the line in its member “message”; so is an error of usage, wherever --json stands before --.',
    ).replaceAll(/[“”]/g, '\\(dq'),
    ...definitions(diagnostics.map(diagnosis)),
    '.Sh SEE ALSO',
    ...references([['nc', 1], ['socat', 1], ...others]),
    '.Sh CAVEATS',
    'A command of',
    '.Xr lswarm-exec 1',
    text('outlives a server that was killed with SIGKILL; it then ends by end of file or SIGPIPE.'),
    '.Pp',
    text(
      "Node, which runs lswarm, resets ignored signals when it starts: nohup(1) and trap '' HUP do not keep lswarm from ending with its terminal. Start it with setsid(1), or with & and then disown in bash or zsh.",
    ),
    '.Pp',
    'The last line of a',
    '.Xr lswarm-join 1',
    'is given its newline where it has none.',
    text('Topics are hashed byte for byte: two spellings of one word in Unicode are two topics.'),
    '.Pp',
    text(
      'A stdout that is closed (>&- in a shell) is treated as /dev/null, and what is printed there is lost: Node opens /dev/null in its place, exactly as programs do that mean /dev/null.',
    ),
  ]
}

function verbPage(command: Command): string[] {
  const { verb, summary, examples } = command
  const paragraphs = descriptions[verb] ?? []
  return [
    ...head(`lswarm-${verb}`, 1, `lswarm-${verb}`, escaped(summary)),
    '.Sh SYNOPSIS',
    ...synopsis(command),
    '.Sh DESCRIPTION',
    ...paragraphs.flatMap((paragraph, index) => (index === 0 ? [text(paragraph)] : ['.Pp', text(paragraph)])),
    ...options(command),
    '.Sh EXIT STATUS',
    ...exitStatus(command),
    ...(examples.length === 0 ? [] : ['.Sh EXAMPLES']),
    ...examples.flatMap(([line, does], index) => [
      ...(index === 0 ? [] : ['.Pp']),
      text(`${sentence(does)}:`),
      '.Pp',
      `.Dl ${escaped(line)}`,
    ]),
    '.Sh SEE ALSO',
    ...references([['lswarm', 1], ...others]),
  ]
}

function synopsis({ verb, operands, command }: Command): string[] {
  const line = operands.map((operand) =>
    operand.startsWith('[') ? `Op Ar ${operand.slice(1, -1)}` : `Ar ${operand}`,
  )
  if (command === 'needed') line.push('Fl - Ar command ...')
  if (command === 'allowed') line.push('Op Fl - Ar command ...')
  return ['.Nm lswarm', `.Cm ${verb}`, ...['Op Ar options', ...line].map((part) => `.${part}`)]
}

/** Its own table, where it has one, and where the others are told. */
function exitStatus({ statuses: own }: Command): string[] {
  if (own === undefined) return ['As in', '.Xr lswarm 1 .']
  return [
    ...definitions(own.map(([status, meaning]) => [status, text(`${sentence(meaning)}.`)])),
    '.Pp',
    'The rest is as in',
    '.Xr lswarm 1 .',
  ]
}

/** Its own, those that lead beyond this machine, what goes together, and where the others are told. */
function options(command: Command): string[] {
  const { options: all } = command
  const others = Object.values(common)
  // A verb without some of them lists those that it has.
  const hasAll = others.every((option) => all.some(({ flag }) => flag === option.flag))
  const everywhere = new Set<Option<unknown>>(hasAll ? others : [])
  const rules = describeRules(ownRules(command))
  const network = new Set<Option<unknown>>(networkOptions)
  const own = all.filter((option) => !everywhere.has(option) && !network.has(option))
  const far = all.filter((option) => network.has(option))
  return [
    '.Sh OPTIONS',
    ...(own.length === 0 ? [] : definitions(own.map(item))),
    ...(far.length === 0 ? [] : ['.Ss Beyond this machine', ...definitions(far.map(item))]),
    ...(rules.length === 0 ? [] : ['.Ss Options together', ...definitions(rules.map(together))]),
    ...(hasAll ? ['.Pp', 'Others are those of', '.Xr lswarm 1 ,', 'with what goes together there.'] : []),
    ...(!hasAll && far.length > 0
      ? ['.Pp', 'What goes together beyond this machine is in', '.Xr lswarm 1 .']
      : []),
  ]
}

/** A rule in words, as an item of a list. */
function together([condition, what]: readonly [condition: string, what: string]): [string, string] {
  return [escaped(sentence(condition)), text(`${sentence(what)}.`)]
}

function item({ flag, short, value, summary }: Option<unknown>): [string, string] {
  const argument = value === undefined ? '' : ` Ar ${value}`
  const names = flag.length === 1 ? [`Fl ${flag}${argument}`] : [`Fl -${flag}${argument}`]
  if (short !== undefined) names.unshift(`Fl ${short}${argument}`)
  return [names.join(' , '), text(`${sentence(summary)}.`)]
}

function diagnosis({ message, status, why }: Diagnostic): [string, string] {
  const ends = status === undefined ? 'A warning.' : `Status ${status}.`
  return [escaped(message), text(`${why} ${ends}`)]
}

function references(pages: readonly (readonly [page: string, section: number])[]): string[] {
  return pages.map(
    ([name, section], index) => `.Xr ${name} ${section}${index < pages.length - 1 ? ' ,' : ''}`,
  )
}
