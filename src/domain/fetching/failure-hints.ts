import type { FailureReason } from './failure.ts';

/** What to do about a failure, in one or two sentences for the person who runs the container or this host. */
export const FAILURE_HINTS: Readonly<Record<FailureReason, string>> = {
  timeout:
    'The endpoint did not answer in time. Try it from inside the container with curl; if it is only slow, raise TARGET_TIMEOUT ' +
    "or the container's own .timeout label, and Prometheus' scrape_timeout with it.",
  queued:
    'It was never started: too many fetches were under way. Look for other targets that hang; raise EXEC_CONCURRENCY or HTTP_CONCURRENCY, ' +
    'or the scrape_timeout.',
  connection_failed:
    'Nothing at that port answered in valid HTTP; the message says why. Compare the port in the label with the one that the ' +
    'program listens on; in http mode a program that is bound to localhost can not be reached: use exec mode.',
  http_status:
    'The program answered with an error. 404: check the path in the label; 401 or 403: the endpoint wants a login, and the exporter has ' +
    "none to give; 5xx: look into the program's own log.",
  redirect:
    'The program answered with a redirect, which is never followed. Write the final path into the label, a trailing slash included.',
  truncated:
    'The answer ended before it was complete. Look for a crash or restart of the program, or for a wrong Content-Length.',
  no_client:
    'The image has neither curl nor wget. Add one of them to the image, or set the .fetch-mode label to http or auto.',
  no_address:
    'Docker knows no address for this container (awsvpc tasks, network mode none or host). Use exec mode, or set HOST_NETWORK_ADDRESS for ' +
    'containers on the host network.',
  exec_failed:
    'Docker could not run a program in the container. It may be paused, restarting, out of memory or out of process ids.',
  docker_unavailable:
    'The Docker daemon does not answer. Check that it runs, and that this exporter may open its socket.',
  too_large:
    "The answer is larger than TARGET_BODY_SIZE_LIMIT. Expose fewer series, or raise the limit, and the exporter's memory with it.",
  over_budget:
    'All answers together are larger than SCRAPE_BODY_SIZE_LIMIT, or this one has very many names or short lines. Give the exporter more ' +
    'memory, or raise that limit.',
  too_many_samples:
    'The answer has more samples than allowed. Look for a label with too many values; raise TARGET_SAMPLE_LIMIT or the .sample-limit label.',
  malformed:
    'Prometheus would refuse this text. Fix the line that is named; promtool check metrics shows the same.',
  unsupported_content_type:
    'The answer is not Prometheus text (a web page or JSON?). Check port and path in the label.',
  internal: "This is a fault of the exporter. Look into its log, and report it with the target's answer.",
};
