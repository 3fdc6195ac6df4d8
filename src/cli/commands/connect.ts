/** `connect` as it is typed. */
import { type Command, commonOf, linesOf, meeting } from '../command.ts'
import { raw } from '../network.ts'
import { toggle } from '../option.ts'
import * as option from '../options.ts'

const own = {
  all: toggle({ flag: 'all', summary: 'to every handler there; their replies merged by whole lines' }),
} as const

export const connectCommand: Command = {
  verb: 'connect',
  summary: "stdin and stdout to one handler, ended with the handler's exit status",
  operands: ['TOPIC'],
  command: 'allowed',
  options: [option.to, ...Object.values(own), option.prefix, option.nul, option.noWait, raw, ...meeting],
  examples: [
    ['echo hello | lswarm connect upper', 'prints HELLO'],
    ['lswarm connect shell -- socat STDIO FILE:log,create', "the stream on a command's descriptors"],
  ],
  statuses: [
    ['0', 'every handler that was asked ended with 0, or the reader of stdout went away'],
    [
      '3',
      'no handler was asked: none is there and --no-wait is given, or every one is busy (exec --busy refuse); with --all also if every one left before it was asked',
    ],
    ['126, 127', 'a handler could not run its command, or did not find it'],
    [
      '124',
      '--timeout passed (with --all, every handler without an exit status is named), or a command took longer than its exec --timeout',
    ],
    ['128+n', 'a command was ended by signal n, or connect itself was'],
    [
      '255',
      'connect itself failed: it could not read stdin or write stdout, or it lost a handler before its exit status or the end of its reply; or a command ended with 255',
    ],
    [
      'other',
      'the exit status of the command; with --all the highest one, where a lost handler counts as 255',
    ],
  ],
  run: async (context, args) => {
    const peers = { ...commonOf(args), to: args.get(option.to), noWait: args.get(option.noWait) }
    if (!args.get(own.all))
      return (await import('../../verbs/connect.ts')).connect(context, { ...peers, command: args.command })
    return (await import('../../verbs/connect-all.ts')).connectAll(context, { ...peers, ...linesOf(args) })
  },
}
