/** `pub` as it is typed. */
import { type Command, commonOf, meetingWith } from '../command.ts'
import { number, text, toggle } from '../option.ts'
import * as option from '../options.ts'

const count = number(
  {
    flag: 'count',
    short: 'n',
    summary: 'leave when N peers have it all; default 1, and with udp:// nobody is waited for',
  },
  1,
)

const jsonValues = toggle({
  flag: 'json',
  summary: 'each message is a JSON value; NDJSON instead of text on stderr',
})

const id = text({
  flag: 'id',
  value: 'NAME',
  summary: 'sign as this identity (lswarm id new NAME); default: a fresh one',
})

export const pubCommand: Command = {
  verb: 'pub',
  summary: 'signed messages, from the arguments or the lines of stdin, to everyone who subscribes',
  operands: ['TOPIC', '[MESSAGE...]'],
  options: [count, id, option.messageType, option.nul, option.noWait, ...meetingWith(jsonValues)],
  examples: [
    ['lswarm pub news hello', 'one message, kept until somebody is there'],
    ['tail -f log | lswarm pub log --id server', 'each line a message, signed by a lasting identity'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/pub.ts')).pub(context, {
      ...commonOf(args),
      messages: args.operands.slice(1),
      separator: args.get(option.nul) ? 0 : 10,
      json: args.get(option.common.json),
      type: args.get(option.messageType),
      id: args.get(id),
      count: args.get(count),
      noWait: args.get(option.noWait),
    }),
}
