# The exporter as a daemon service of an ECS cluster, with the task definition of deploy/ecs.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "cluster" {
  description = "Name or ARN of the ECS cluster"
  type        = string
}

variable "image" {
  description = "Image of the exporter with its tag"
  type        = string
}

variable "instance_security_group_id" {
  description = "Security group of the cluster's instances"
  type        = string
}

variable "prometheus_security_group_id" {
  description = "Security group of Prometheus"
  type        = string
}

locals {
  task_definition = jsondecode(file("${path.module}/../ecs/task-definition.json"))
}

resource "aws_ecs_task_definition" "exporter" {
  family                   = local.task_definition.family
  network_mode             = local.task_definition.networkMode
  requires_compatibilities = local.task_definition.requiresCompatibilities

  container_definitions = jsonencode([
    for container in local.task_definition.containerDefinitions : merge(container, { image = var.image })
  ])

  volume {
    name      = "docker-socket"
    host_path = "/var/run/docker.sock"
  }
}

resource "aws_ecs_service" "exporter" {
  name                = local.task_definition.family
  cluster             = var.cluster
  task_definition     = aws_ecs_task_definition.exporter.arn
  scheduling_strategy = "DAEMON"

  # Two can't listen on one port: the old task stops before the new one starts.
  deployment_minimum_healthy_percent = 0
}

resource "aws_vpc_security_group_ingress_rule" "prometheus" {
  description                  = "Prometheus to exporter"
  security_group_id            = var.instance_security_group_id
  referenced_security_group_id = var.prometheus_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = 9102
  to_port                      = 9102
}
