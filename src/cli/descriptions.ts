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
    '/dev/stdin, /dev/fd/N and /proc/self/fd/N are the descriptor itself: a file is read from where it stands, and a socket can be read too.',
    'A file is sent as it is when send opens it: what receivers confirm has the length and the content of that moment. If the file is written to, cut short or extended before a receiver has read all of it, that receiver does not confirm it, and the status is 4 at both ends. send looks at the length and the time of modification, so a change that leaves both as they are goes unnoticed. A file that is replaced by another of its name, or removed, is sent as it was. To send a file that other programs write to, send a copy of it, or the output of a command: lswarm send TOPIC -- cat FILE.',
    'With one receiver on this machine, COMMAND writes to the socket itself. If the receivers fail, leave or have had enough, COMMAND and all that it has started are ended: TERM, and KILL after 2 s. The status is then 4, and names the receivers that failed; or 0, if all have confirmed. A COMMAND that fails makes the status 1, and nothing is confirmed.',
    'With --digest crc32 or blake2b the digest is of every byte, whatever is at either end, and send and recv print it once a receiver has confirmed it. The bytes then pass through lswarm. A handler (exec, listen) confirms no digest: with one among the receivers, the status is 2.',
    'With --queue each line is a record of its own, for one free worker (exec --queue). A record is done when its command has ended with 0; records whose command ends with another status are named in the end.',
    'A reply is printed, in one piece, when all of it and the status of its command are here; until then what is longer than 64 KiB is kept in a file without a name in TMPDIR (/tmp if that is not set). If a worker is lost before that, the record goes to another worker, at most --retries times, so a command may run more than once for a record. A worker that hangs, or is stopped, keeps its record until it is ended or killed; send says which worker it waits for every 5 s, and --timeout bounds all of it. A worker that cannot start commands gives its records back, which does not count. When every worker has done that five times in a row the remaining records have failed: status 4.',
  ],
  recv: [
    'Waits for a sender, takes one stream, confirms it when all is written, and ends. What came before a stream broke off has been written to stdout; with --output the file appears only when it is complete.',
    'Through a symbolic link --output makes or replaces the file that the link leads to. A file that can be written but not replaced (it is mounted on its own, or its directory is closed to you) is written in place: if the stream breaks off, the file holds the beginning of it, and recv says so. /dev/stdout, /dev/fd/N and /proc/self/fd/N are the descriptor itself. What cannot be written at all is refused before a sender is met.',
    'With COMMAND the stream is on its stdin, as the socket itself where that can be, and its exit status 0 is the confirmation, also if it has not read all of the stream.',
    'A sender that is interrupted, or whose input fails, says so, and COMMAND is ended before it finds an end of its input: TERM, and KILL after 2 s. A sender that is killed says nothing: a COMMAND that has the socket finds the end of its input, and cannot tell it from the true end. The status of recv tells, which is 4. A COMMAND that goes on then is ended after half a second. Where the bytes pass through lswarm (from another machine, or with the sender’s --digest), COMMAND is ended at once, and finds no end of its input.',
  ],
  exec: [
    'Starts COMMAND for each peer that connects: connect, send, or join. On this machine its descriptors 0 and 1 are the kernel’s socket, and its stderr is ours. The command is found in PATH and started without a shell, or for a queue by a small one that gets it word for word; nothing that a peer sends becomes an argument.',
    'A command whose caller is lost is not ended: it finds the end of its input, or SIGPIPE when it writes; --timeout ends one that does neither.',
    'A worker (--queue) that cannot start its command, for want of memory, descriptors, processes, /proc or the command itself, gives the record back to its sender, says why, and takes records again after a second. It also gives back the records whose commands a SIGHUP ended.',
    'A command of a queue reads a record of up to 64 KiB from a file, and a longer one from the socket, which cannot be opened as /dev/stdin; --pipes gives it a pipe instead.',
    'The peer is told the exit status; a command that is ended by signal n has 128+n. A command that exec ends, by --timeout, at a signal or for its caller, has not status 0, whatever it exits with. Ended by TERM, exec takes no more calls, ends its commands, and goes.',
    'SIGHUP ends the commands that are running, and exec serves on. If the terminal that exec was started on is gone when SIGHUP comes, exec ends too, with 129; setsid(1) and disown keep it running (see CAVEATS in lswarm(1)).',
    'A caller that is interrupted says so, and its command is ended before it sees the end of its input. A caller that is killed says nothing: its command sees an end of input like any other.',
    'Beyond this machine it serves only peers that proved the topic key, or that --allow names.',
  ],
  connect: [
    'Connects stdin and stdout, or those of COMMAND, with one handler on the topic (exec or listen), and ends with the exit status of the handler’s command; 255 says that connect itself failed.',
    'If the handler is lost, COMMAND and all that it has started are ended: TERM, and KILL after 2 s. The status is 255.',
    'With --all every handler that is there at the start gets what is read, and lines come back from all. A handler that is busy gets its input when it is free, and the others are not held up until about 256 KiB of input wait for it. A handler that refuses, or leaves before it is asked, is named on stderr, and the status is that of the others. A handler that is lost later is named too, the replies of the others still come, and the status is 255.',
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
