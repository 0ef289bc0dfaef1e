/** The program's name: of its command, in errors, in User-Agent, and in what runs in containers; `container_name` of its own metrics. */
export const PROGRAM_NAME = 'ecs-service-metrics-exporter';
