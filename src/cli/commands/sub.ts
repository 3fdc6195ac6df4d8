/** `sub` as it is typed. */
import { limits } from '../../limits.ts'
import { type Command, commonOf, linesOf, meeting } from '../command.ts'
import { number, parseCount, repeated, show, toggle, valued } from '../option.ts'
import * as option from '../options.ts'

const own = {
  from: repeated({
    flag: 'from',
    value: 'AUTHOR',
    summary: 'only this author, by key or by known name; may be repeated',
  }),
  history: valued(
    { flag: 'history', value: 'N', summary: 'the last N messages of before, from any peer; default 0' },
    () => 0,
    (text) => {
      const count = parseCount(0)(text)
      if (count > limits.gossipHistoryMessages)
        throw new Error(`takes 0 to ${limits.gossipHistoryMessages}, not ${show(text)}`)
      return count
    },
  ),
  requireKnown: toggle({
    flag: 'require-known',
    summary: 'only authors whose keys are known (lswarm id list); no new name is remembered',
  }),
  strict: toggle({ flag: 'strict', summary: 'end with status 4 when messages are missing for good' }),
} as const

const count = number({ flag: 'count', short: 'n', summary: 'end after N messages' }, 1)

export const subCommand: Command = {
  verb: 'sub',
  summary: "the signed messages of a topic, each once and in its author's order",
  operands: ['TOPIC'],
  options: [
    count,
    ...Object.values(own),
    option.messageType,
    option.prefix,
    option.nul,
    option.noWait,
    ...meeting,
  ],
  examples: [
    ['lswarm sub news', 'what is published from now on'],
    ['lswarm sub news -n 1 --history 1', 'the last message'],
    ['lswarm sub log --from server --require-known --json', 'of one author, whose key is known'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/sub.ts')).sub(context, {
      ...commonOf(args),
      ...linesOf(args),
      count: args.get(count),
      from: args.get(own.from),
      type: args.get(option.messageType),
      history: args.get(own.history),
      requireKnown: args.get(own.requireKnown),
      strict: args.get(own.strict),
      noWait: args.get(option.noWait),
    }),
}
