import { PROGRAM_NAME } from '../../../../domain/program-name.ts';
import { CLIENT_NAMES, CLIENTS } from '../clients/clients.ts';
import { CURL_REPORT } from '../clients/curl-client.ts';
import { REQUEST_HEADERS, type ClientName } from '../clients/exec-client.ts';
import { LIMITED } from '../clients/shell-functions.ts';
import { WGET_PATTERNS } from '../clients/wget-client.ts';

/** The word of the loop's greeting: the client that it found in the image. */
export type SessionGreeting = ClientName | 'none';
export const SESSION_GREETINGS: readonly SessionGreeting[] = [...CLIENT_NAMES, 'none'];

/** A session is renewed before it is this old. */
const SESSION_LIFE_SECONDS = 3600;

/**
 * The loop: greets with the client that it found, then reads six lines per request (nonce, seconds, bytes, scheme, "k" or
 * nothing, host:port/path) and answers on stdout with the client's output, a newline, nonce=exit code; on stderr with the
 * client's messages and the nonce. It ends when its stdin does. Input from outside is data or an argument, never script. The
 * text is constant, for dash and BusyBox ash; a client gets no stdin of ours, writes straight to stdout, and is waited for.
 */
const LOOP = `${LIMITED}
(read -r -t 1 _) </dev/null 2>/dev/null
[ $? = 1 ] && patience='-t ${SESSION_LIFE_SECONDS}' || patience=
client=none
if command -v curl >/dev/null 2>&1; then client=curl
elif command -v wget >/dev/null 2>&1; then
  case $(wget --version 2>&1) in ${WGET_PATTERNS.gnu}) client=gnu ;; ${WGET_PATTERNS.busybox}) client=busybox ;; esac
fi
echo "$client"
while IFS= read -r $patience nonce && IFS= read -r seconds && IFS= read -r bytes &&
  IFS= read -r scheme && IFS= read -r insecure && IFS= read -r place
do
  case $client in
${CLIENT_NAMES.map((name) => `  ${name}) ${CLIENTS[name].loopCommand} ;;`).join('\n')}
  esac
  status=$?
  echo "$nonce" >&2
  echo
  echo "$nonce=$status"
done`;

/**
 * An engine with live-restore keeps stdin open across its own restart, so the loop's life is limited: by GNU timeout where
 * the image has it, in BusyBox by its read (BusyBox' timeout would leave a zombie, see LIMITED).
 */
const BOOT = `case $(timeout --version 2>/dev/null) in *coreutils*) exec timeout ${SESSION_LIFE_SECONDS} sh -c "$@" ;; esac
exec sh -c "$@"`;

/** The argument vector of a session. The program's name is the shell's in its errors and in ps. */
export const SESSION_COMMAND: readonly string[] = [
  ...['sh', '-c', BOOT, PROGRAM_NAME],
  ...[LOOP, PROGRAM_NAME, ...REQUEST_HEADERS, CURL_REPORT],
];

/** One request to the loop. */
export interface SessionRequest {
  /** As the client reads it: curl with a fraction, wget whole. */
  readonly seconds: string;
  readonly maxBodyBytes: number;
  readonly scheme: 'http' | 'https';
  readonly isInsecure: boolean;
  /** host:port/path. */
  readonly place: string;
}

/** Writes a request as the loop reads it; throws if a field would not stay on its line. */
export function sessionLines(nonce: string, request: SessionRequest): string {
  const { seconds, maxBodyBytes, scheme, isInsecure, place } = request;
  if (!/^[\u0021-\u007e]+$/.test(place)) throw new RangeError('an endpoint has characters that no URL has');
  return [nonce, seconds, maxBodyBytes, scheme, isInsecure ? 'k' : '', place, ''].join('\n');
}
