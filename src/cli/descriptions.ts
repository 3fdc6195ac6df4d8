/** What the manual says of each verb beyond its options: paragraphs, by verb. Read where manual pages are made, and nowhere else. */

export const descriptions: Readonly<Record<string, readonly string[]>> = {
  join: [
    'Every line of stdin goes to every peer that is there, and every line of a peer to stdout, whole and in its author’s order. Lines are not kept: who comes later does not get them. With the first peer it begins to read stdin; with --count, when so many are there.',
    'It ends with 0 when its stdin and those of all peers have ended; --keep, it stays. On a terminal it is a chat.',
    'Lines are bytes. The last one is given its newline where it has none. A line longer than 1 MiB is not sent, which is said, and the status is 1.',
    'A peer that does not keep up holds the others back, unless --slow says otherwise; what is dropped is counted and told to both.',
    'Where an exec is on the topic, each line goes to one of its commands too, and the lines of its output come back. A send on the topic is received like lines.',
  ],
  send: [
    'Sends stdin, FILE, or the output of COMMAND, to every receiver that is there when it begins: to one at least, or to as many as --count says. Nobody is added once it has begun.',
    'It ends with 0 when every receiver has confirmed that all of it is where it was meant to go, and with 4 when one has not; which one, and why, is said. The slowest receiver sets the pace, unless --drop-slow gives it up.',
    'On one machine a file, and what goes to several receivers, is read by the receivers themselves where that is faster.',
    'With --queue each line is a record of its own, for one free worker (exec --queue). A record is done when its command has ended with 0; records whose command ends with another status are named in the end.',
    'A reply is printed, in one piece, when all of it and the status of its command are here; until then what is longer than 64 KiB is kept in a file without a name in TMPDIR (/tmp if that is not set). If a worker is lost before that, the record goes to another worker, at most --retries times, so a command may run more than once for a record. A worker that cannot start commands gives its records back, which does not count. When every worker has done that five times in a row the remaining records have failed: status 4.',
  ],
  recv: [
    'Waits for a sender, takes one stream, confirms it when all is written, and ends. What came before a stream broke off has been written to stdout; with --output the file appears only when it is complete.',
    'With COMMAND the stream is on its stdin, as the socket itself where that can be, and its exit status 0 is the confirmation.',
  ],
  exec: [
    'Starts COMMAND for each peer that connects: connect, send, or join. On this machine its descriptors 0 and 1 are the kernel’s socket, and its stderr is ours. The command is found in PATH and started without a shell, or for a queue by a small one that gets it word for word; nothing that a peer sends becomes an argument.',
    'A worker (--queue) that cannot start its command, for want of memory, descriptors, processes, /proc or the command itself, gives the record back to its sender, says why, and takes records again after a second. It also gives back the records whose commands a SIGHUP ended.',
    'The peer is told the exit status; a command that is ended by signal n has 128+n. Ended by TERM, exec takes no more calls, ends its commands, and goes.',
    'Beyond this machine it serves only peers that proved the topic key, or that --allow names.',
  ],
  connect: [
    'Connects stdin and stdout, or those of COMMAND, with one handler on the topic (exec or listen), and ends with the exit status of the handler’s command; 255 says that connect itself failed.',
    'With --all every handler gets what is read, and lines come back from all.',
  ],
  listen: [
    'Waits for one connect, and gives its bytes to stdout and ours to it. It ends when both directions have.',
  ],
  pub: [
    'Publishes MESSAGE, or each line of stdin, signed with a key that is new for each start, or with that of --id. What is published before the first subscriber is there is kept, within the limits, and given to it.',
    'It ends when all has been handed to so many peers as --count says, one at least. They relay it: whoever hears a topic passes it on to those who do not hear its author.',
  ],
  sub: [
    'Prints each message once, in its author’s order, after its signature was verified. What was missed is asked for from others; what stays missing is said.',
    'Names are claims. A name is remembered with the first key that used it; the same name with another key is a warning.',
  ],
  id: [
    'new NAME makes an identity: an ed25519 key pair in a file of mode 0600. show [NAME] prints the public key of one, list those that are known. trust NAME KEY remembers whose a name is; forget NAME forgets it.',
  ],
  bridge: [
    'Stands on this machine for peers elsewhere, and elsewhere for those of this machine. Local peers start fast and hold no network of their own. Two bridges, or a ring of them, duplicate nothing.',
  ],
  wait: [
    'Ends with 0 when --count peers are on the topic, or when the peer of --gone has left. With --no-wait it tells at once: 0, or 3.',
  ],
  peers: ['Prints who is on the topic now: a line for each, or with --json an object.'],
  topics: [
    'Prints the topics of this machine that somebody is on, with the number of peers. A topic that was given as bytes has no name.',
  ],
  top: [
    'Shows who is there, what each sends and receives, and who is slow, as it changes. Keys are at the bottom; ? tells them all. With --once it prints one table, which is also what it does where stdout is no terminal.',
  ],
  key: [
    'new prints a topic key of 256 bits, and nothing else, on stdout: keep it in a file of mode 0600. word prints one as ten words of 100 bits, to be said. Both are checked when they are read: a typo is found, and named.',
    'id prints the public key that belongs to --seed-file: what others give to --allow.',
  ],
  bootstrap: [
    'Runs the first node of a DHT of your own, and prints the option that peers need to find it. Nothing is stored; when it ends, peers that know each other go on.',
  ],
  completion: [
    'Prints what completes verbs, options, values, files, live topics and the names of live peers in a shell. It reads the runtime directory itself, without starting Node. With --install it is put where the shell looks for it, and what else that shell needs is said.',
  ],
  limits: ['Prints every limit and its value. None of them can be changed.'],
}
