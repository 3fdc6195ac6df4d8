/** The man page, in mdoc, from the option table. */
import about from '../../package.json' with { type: 'json' }
import { type Command, commands } from './commands.ts'
import type { Option } from './option.ts'
import { common } from './options.ts'
import { statuses } from './status.ts'

/** lswarm(1). */
export function manPage(): string {
  return `${[
    '.\\" Generated from the option table by "npm run generate".',
    '.Dd November 23, 2026',
    '.Dt LSWARM 1',
    '.Os',
    '.Sh NAME',
    '.Nm lswarm',
    '.Nd netcat for names',
    '.Sh SYNOPSIS',
    ...commands.flatMap(synopsis),
    '.Sh DESCRIPTION',
    text('Processes that say the same word meet, with no port, no broker, no daemon and no configuration.'),
    'The word is a topic; each verb is a way to use it.',
    'This is version',
    `${about.version}.`,
    '.Bl -tag -width Ds',
    ...commands.flatMap(section),
    '.El',
    '.Sh OPTIONS',
    'Every verb on a topic takes these:',
    '.Bl -tag -width Ds',
    ...Object.values(common).flatMap(item),
    '.El',
    '.Sh ENVIRONMENT',
    '.Bl -tag -width Ds',
    '.It Ev LSWARM_DIR',
    'The runtime directory.',
    '.It Ev XDG_RUNTIME_DIR',
    'Its directory',
    '.Pa lswarm',
    'is used where',
    '.Ev LSWARM_DIR',
    'is not set; without both,',
    '.Pa lswarm-UID',
    'in the directory for temporary files.',
    '.It Ev XDG_CONFIG_HOME',
    'Its directory',
    '.Pa lswarm',
    'keeps the identities of',
    '.Cm id',
    'and the names that are known; where it is not set,',
    '.Pa ~/.config/lswarm',
    'does.',
    '.It Ev PROTO , LSWARM_TOPIC , LSWARM_PEER , LSWARM_TRANSPORT , LSWARM_CONNECTION',
    'Given to the commands of',
    '.Cm exec :',
    text(
      'the word LSWARM, the topic as the server typed it, the id of the peer, the transport, and the number of the connection.',
    ),
    '.El',
    '.Sh EXIT STATUS',
    '.Bl -tag -width Ds',
    ...statuses.flatMap(([status, meaning]) => [`.It ${status}`, text(`${meaning}.`)]),
    '.El',
    '.Sh EXAMPLES',
    ...commands
      .flatMap(({ examples }) =>
        examples.flatMap(([line, does]) => [
          text(`${sentence(does)}:`),
          '.Pp',
          `.Dl ${escaped(line)}`,
          '.Pp',
        ]),
      )
      .slice(0, -1),
    '.Sh SEE ALSO',
    '.Xr nc 1 ,',
    '.Xr socat 1',
    '.Sh CAVEATS',
    'A command of',
    '.Cm exec',
    text('outlives a server that was killed with SIGKILL; it then ends by end of file or SIGPIPE.'),
    '.Pp',
    'The last line of a',
    '.Cm join',
    'is given its newline where it has none.',
    text('Topics are hashed byte for byte: two spellings of one word in Unicode are two topics.'),
  ].join('\n')}\n`
}

function synopsis({ verb, operands, command }: Command): string[] {
  const line = operands.map((operand) =>
    operand.startsWith('[') ? `Op Ar ${operand.slice(1, -1)}` : `Ar ${operand}`,
  )
  if (command === 'needed') line.push('Fl - Ar command ...')
  if (command === 'allowed') line.push('Op Fl - Ar command ...')
  const [first, ...rest] = ['Op Ar options', ...line]
  return ['.Nm', `.Cm ${verb}`, `.${first}`, ...rest.map((part) => `.${part}`)]
}

function section(command: Command): string[] {
  const known = new Set<Option<unknown>>(Object.values(common))
  const own = command.options.filter((option) => !known.has(option))
  const list = own.length === 0 ? [] : ['.Bl -tag -width Ds', ...own.flatMap(item), '.El']
  return [`.It Cm ${command.verb}`, text(`${sentence(command.summary)}.`), ...list]
}

function item({ flag, short, value, summary }: Option<unknown>): string[] {
  const argument = value === undefined ? '' : ` Ar ${value}`
  const names = flag.length === 1 ? [`Fl ${flag}${argument}`] : [`Fl -${flag}${argument}`]
  if (short !== undefined) names.unshift(`Fl ${short}${argument}`)
  return [`.It ${names.join(' , ')}`, text(`${sentence(summary)}.`)]
}

function sentence(words: string): string {
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

/** Text in lines of at most 78 characters, none of them a request by accident. */
function text(words: string): string {
  const lines: string[] = []
  for (const word of escaped(words).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < 78) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => (/^[.']/.test(line) ? `\\&${line}` : line)).join('\n')
}

function escaped(line: string): string {
  return line.replaceAll('\\', '\\e').replaceAll("'", '\\(aq').replaceAll('"', '\\(dq').replaceAll('-', '\\-')
}
