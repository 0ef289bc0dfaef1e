/** The program's name: the command's, in error messages and User-Agent, and the `container_name` of its own metrics. */
export const PROGRAM_NAME = 'ecs-service-metrics-exporter';
