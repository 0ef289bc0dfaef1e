import { Stack } from 'aws-cdk-lib';
import { CfnService, ContainerImage, Ec2TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';

/** A service that is scraped: all that it needs is the Docker label on its container. No port is published. */
export class SampleService extends Stack {
  constructor(scope: Construct, id: string, props: { readonly clusterName: string }) {
    super(scope, id);
    const taskDefinition = new Ec2TaskDefinition(this, 'TaskDefinition');
    taskDefinition.addContainer('checkout', {
      image: ContainerImage.fromRegistry('prom/node-exporter:v1.9.1'),
      memoryLimitMiB: 64,
      dockerLabels: { 'container-exposes-metrics': '9100/metrics' },
    });
    new CfnService(this, 'Service', {
      cluster: props.clusterName,
      taskDefinition: taskDefinition.taskDefinitionArn,
      desiredCount: 1,
    });
  }
}
