import { ACCEPT_HEADER, OUR_HEADER } from '../clients/exec-client.ts';
import { CURL_WRITE_OUT } from '../clients/curl-client.ts';
import { WGET_OPTIONS } from '../clients/wget-client.ts';
import { LIMITED } from '../clients/shell-functions.ts';

/** What the session's loop found in the image; the word of its greeting. */
export const SESSION_CLIENTS = ['curl', 'gnu', 'busybox', 'none'] as const;
export type SessionClient = (typeof SESSION_CLIENTS)[number];

/** A session is renewed before it is that old. */
const SESSION_LIFE_SECONDS = 3600;

/**
 * The loop: greets with the client that it found, then reads six lines per request (nonce, seconds, bytes, scheme, "k" or
 * nothing, host:port/path) and answers on stdout with the client's output, a newline, nonce=exit code; on stderr with what
 * the client says and the nonce. It ends when its stdin does. All that comes from outside is data or an argument. Constant,
 * for dash and BusyBox ash; a client gets no stdin of ours, writes straight to stdout, and is waited for.
 */
const LOOP = `${LIMITED}
(read -r -t 1 _) </dev/null 2>/dev/null
[ $? = 1 ] && patience='-t ${SESSION_LIFE_SECONDS}' || patience=
client=none
if command -v curl >/dev/null 2>&1; then client=curl
elif command -v wget >/dev/null 2>&1; then
  case $(wget --version 2>&1) in *'GNU Wget'*) client=gnu ;; *BusyBox*) client=busybox ;; esac
fi
echo "$client"
while IFS= read -r $patience nonce && IFS= read -r seconds && IFS= read -r bytes &&
  IFS= read -r scheme && IFS= read -r insecure && IFS= read -r place
do
  case $client in
  curl) curl -q -sS -g -f --noproxy '*' --proto "=$scheme" --max-time "$seconds" --max-filesize "$bytes" \\
      -H "$1" -H "$2" -w "$3" \${insecure:+-k} "$scheme://$place" </dev/null ;;
  gnu) limited "$seconds" wget ${WGET_OPTIONS.gnu.join(' ')} \\
      --header "$1" --header "$2" \${insecure:+--no-check-certificate} "$scheme://$place" ;;
  busybox) limited "$seconds" wget ${WGET_OPTIONS.busybox.join(' ')} \\
      --header "$1" --header "$2" \${insecure:+--no-check-certificate} "$scheme://$place" ;;
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

/** How the shell calls itself in its errors and in ps. */
const NAME = 'ecs-service-metrics-exporter';

/** The argument vector of a session. */
export const SESSION_COMMAND: readonly string[] = [
  ...['sh', '-c', BOOT, NAME],
  ...[LOOP, NAME, ACCEPT_HEADER, OUR_HEADER, CURL_WRITE_OUT],
];

/** One request to the loop. */
export interface SessionRequest {
  /** As the client takes it: curl with a fraction, wget whole. */
  readonly seconds: string;
  readonly maxBodyBytes: number;
  readonly scheme: 'http' | 'https';
  readonly isInsecure: boolean;
  /** host:port/path. */
  readonly place: string;
}

/** Writes a request as the loop reads it; throws where a field would not stay on its line. */
export function sessionLines(nonce: string, request: SessionRequest): string {
  const { seconds, maxBodyBytes, scheme, isInsecure, place } = request;
  if (!/^[\u0021-\u007e]+$/.test(place)) throw new RangeError('an endpoint has characters that no URL has');
  return [nonce, seconds, maxBodyBytes, scheme, isInsecure ? 'k' : '', place, ''].join('\n');
}
