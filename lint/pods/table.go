package pods

import (
	"slices"
	"strings"
	"sync"
)

// Kinds lists the names of the kinds that have pods, sorted. The list must not be changed.
func Kinds() []string { return index().kinds }

// shapesOf lists the shapes of the kinds of that name, in the order of the table.
func shapesOf(kind string) []Shape { return index().byKind[kind] }

// known is the table by kind.
type known struct {
	byKind map[string][]Shape
	kinds  []string
}

var index = sync.OnceValue(func() known {
	k := known{byKind: map[string][]Shape{}}
	for _, s := range table {
		for kind := range strings.FieldsSeq(s.Kind) {
			if k.byKind[kind] == nil {
				k.kinds = append(k.kinds, kind)
			}
			s.Kind = kind
			k.byKind[kind] = append(k.byKind[kind], s)
		}
	}
	slices.Sort(k.kinds)
	return k
})

// table is the one place that knows which kinds have pods. A row may name several kinds
// of a group, with spaces between them.
var table = []Shape{
	// Kubernetes itself.
	{Kind: "Pod"},
	{Kind: "PodTemplate", Template: "template"},
	{Kind: "ReplicationController", Template: "spec.template"},
	{Group: "apps", Kind: "Deployment StatefulSet DaemonSet ReplicaSet", Template: "spec.template"},
	{Group: "extensions", Kind: "Deployment DaemonSet ReplicaSet", Template: "spec.template"},
	{Group: "batch", Kind: "Job", Template: "spec.template", Batch: true},
	{Group: "batch", Kind: "CronJob", Template: "spec.jobTemplate.spec.template", Batch: true},
	{Group: "jobset.x-k8s.io", Kind: "JobSet", Template: "spec.replicatedJobs[].template.spec.template", Noun: "job", Batch: true},
	{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet", Template: "spec.leaderWorkerTemplate.leaderTemplate", Noun: "leaderTemplate"},
	{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet", Template: "spec.leaderWorkerTemplate.workerTemplate", Noun: "workerTemplate"},
	{Group: "kueue.x-k8s.io", Kind: "Workload", Template: "spec.podSets[].template", Noun: "pod set", Batch: true},
	{Group: "agents.x-k8s.io", Kind: "Sandbox", Template: "spec.podTemplate"},
	{Group: "extensions.agents.x-k8s.io", Kind: "SandboxTemplate", Template: "spec.podTemplate"},

	// Deployments and jobs of other projects.
	{Group: "apps.openshift.io", Kind: "DeploymentConfig", Template: "spec.template"},
	{Group: "operators.coreos.com", Kind: "ClusterServiceVersion", Template: "spec.install.spec.deployments[].spec.template", Noun: "deployment"},
	{Group: "argoproj.io", Kind: "Rollout", Template: "spec.template"},
	{Group: "argoproj.io", Kind: "Experiment", Template: "spec.templates[].template", Noun: "template", Batch: true},
	{Group: "argoproj.io", Kind: "AnalysisTemplate ClusterAnalysisTemplate AnalysisRun", Template: "spec.metrics[].provider.job.spec.template", Noun: "metric", Batch: true},
	{Group: "argoproj.io", Kind: "EventSource Sensor", Template: "spec.template", read: eventPod},
	{Group: "argoproj.io", Kind: "Sensor", Template: "spec.triggers[].template.k8s.source.resource", embeds: true},
	{Group: "serving.knative.dev", Kind: "Service Configuration", Template: "spec.template"},
	{Group: "serving.knative.dev", Kind: "Revision"},
	{Group: "sources.knative.dev", Kind: "ContainerSource", Template: "spec.template"},
	{Group: "keda.sh", Kind: "ScaledJob", Template: "spec.jobTargetRef.template", Batch: true},
	{Group: "apps.kruise.io", Kind: "CloneSet StatefulSet DaemonSet", Template: "spec.template"},
	{Group: "apps.kruise.io", Kind: "BroadcastJob", Template: "spec.template", Batch: true},
	{Group: "apps.kruise.io", Kind: "AdvancedCronJob", Template: "spec.template.jobTemplate.spec.template", Batch: true},
	{Group: "apps.kruise.io", Kind: "AdvancedCronJob", Template: "spec.template.broadcastJobTemplate.spec.template", Batch: true},
	{Group: "apps.kruise.io", Kind: "UnitedDeployment", Template: "spec.template.*.spec.template"},
	{Group: "apps.kruise.io", Kind: "SidecarSet", PodSpec: "spec", Partial: true},
	{Group: "batch.volcano.sh", Kind: "Job", Template: "spec.tasks[].template", Noun: "task", Batch: true},
	{Group: "batch.volcano.sh", Kind: "CronJob", Template: "spec.jobTemplate.spec.tasks[].template", Noun: "task", Batch: true},
	{Group: "flow.volcano.sh", Kind: "JobTemplate", Template: "spec.tasks[].template", Noun: "task", Batch: true},
	{Group: "agones.dev", Kind: "GameServer", Template: "spec.template"},
	{Group: "agones.dev", Kind: "GameServerSet Fleet", Template: "spec.template.spec.template"},
	{Group: "game.kruise.io", Kind: "GameServerSet", Template: "spec.gameServerTemplate"},
	{Group: "core.oam.dev", Kind: "ContainerizedWorkload", PodSpec: "spec", Partial: true},

	// Objects that hold whole objects.
	{Group: "workload.codeflare.dev", Kind: "AppWrapper", Template: "spec.components[].template", embeds: true},
	{Group: "work.open-cluster-management.io", Kind: "ManifestWork", Template: "spec.workload.manifests[]", embeds: true},
	{Group: "kubernetes.crossplane.io", Kind: "Object", Template: "spec.forProvider.manifest", embeds: true},
	{Group: "apiextensions.crossplane.io", Kind: "Composition", Template: "spec.resources[].base", embeds: true},
	{Group: "template.openshift.io", Kind: "TemplateInstance", Template: "spec.template.objects[]", embeds: true},
	{Group: "hive.openshift.io", Kind: "SyncSet SelectorSyncSet", Template: "spec.resources[]", embeds: true},

	// Workflows and builds.
	{Group: "argoproj.io", Kind: "Workflow WorkflowTemplate ClusterWorkflowTemplate", Template: "spec", Batch: true, read: argoWorkflow},
	{Group: "argoproj.io", Kind: "CronWorkflow", Template: "spec.workflowSpec", Batch: true, read: argoWorkflow},
	{Group: "tekton.dev", Kind: "Task ClusterTask", Template: "spec", Batch: true, Partial: true, read: tektonTask},
	{Group: "tekton.dev", Kind: "TaskRun", Template: "spec.taskSpec", Batch: true, Partial: true, read: tektonTask},
	{Group: "tekton.dev", Kind: "TaskRun PipelineRun", PodSpec: "spec.podTemplate", Noun: "podTemplate", Batch: true, Partial: true},
	{Group: "tekton.dev", Kind: "Pipeline", Template: "spec", Batch: true, Partial: true, read: tektonPipeline},
	{Group: "tekton.dev", Kind: "PipelineRun", Template: "spec.pipelineSpec", Batch: true, Partial: true, read: tektonPipeline},
	{Group: "tekton.dev", Kind: "PipelineRun", PodSpec: "spec.taskRunTemplate.podTemplate", Noun: "taskRunTemplate", Batch: true, Partial: true},
	{Group: "tekton.dev", Kind: "StepAction", Template: "spec", Batch: true, read: spread},
	{Group: "actions.github.com", Kind: "AutoscalingRunnerSet", Template: "spec.template", Batch: true},
	{Group: "actions.github.com", Kind: "AutoscalingRunnerSet", Template: "spec.listenerTemplate", Noun: "listenerTemplate", Partial: true},
	{Group: "actions.github.com", Kind: "EphemeralRunnerSet", Template: "spec.ephemeralRunnerSpec", Batch: true},
	{Group: "actions.github.com", Kind: "EphemeralRunner", Template: "spec", Batch: true},
	{Group: "actions.summerwind.dev", Kind: "Runner", Template: "spec", Batch: true, read: spread, self: true},
	{Group: "actions.summerwind.dev", Kind: "RunnerReplicaSet RunnerDeployment", Template: "spec.template.spec", Batch: true, read: spread, self: true},
	{Group: "actions.summerwind.dev", Kind: "RunnerSet", Template: "spec.template", Batch: true, Partial: true},
	{Group: "k6.io", Kind: "TestRun K6", Template: "spec.runner", Noun: "runner", Batch: true, read: spread},
	{Group: "infra.contrib.fluxcd.io", Kind: "Terraform", Template: "spec.runnerPodTemplate", Batch: true, Partial: true},

	// Machine learning and data.
	{Group: "kubeflow.org", Kind: "PyTorchJob", Template: "spec.pytorchReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "TFJob", Template: "spec.tfReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "MPIJob", Template: "spec.mpiReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "XGBoostJob", Template: "spec.xgbReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "PaddleJob", Template: "spec.paddleReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "JAXJob", Template: "spec.jaxReplicaSpecs.*.template", Noun: "replica", Batch: true},
	{Group: "kubeflow.org", Kind: "Notebook", Template: "spec.template"},
	{Group: "trainer.kubeflow.org", Kind: "TrainingRuntime ClusterTrainingRuntime", Template: "spec.template.spec.replicatedJobs[].template.spec.template", Noun: "job", Batch: true, Partial: true},
	{Group: "ray.io", Kind: "RayCluster", Template: "spec.headGroupSpec.template", Noun: "headGroupSpec"},
	{Group: "ray.io", Kind: "RayCluster", Template: "spec.workerGroupSpecs[].template", Noun: "worker group"},
	{Group: "ray.io", Kind: "RayJob", Template: "spec.rayClusterSpec.headGroupSpec.template", Noun: "headGroupSpec"},
	{Group: "ray.io", Kind: "RayJob", Template: "spec.rayClusterSpec.workerGroupSpecs[].template", Noun: "worker group"},
	{Group: "ray.io", Kind: "RayJob", Template: "spec.submitterPodTemplate", Noun: "submitterPodTemplate", Batch: true},
	{Group: "ray.io", Kind: "RayService", Template: "spec.rayClusterConfig.headGroupSpec.template", Noun: "headGroupSpec"},
	{Group: "ray.io", Kind: "RayService", Template: "spec.rayClusterConfig.workerGroupSpecs[].template", Noun: "worker group"},
	{Group: "serving.kserve.io", Kind: "InferenceService", Partial: true, read: inferenceService},
	{Group: "serving.kserve.io", Kind: "ServingRuntime ClusterServingRuntime", PodSpec: "spec", Partial: true},
	{Group: "serving.kserve.io", Kind: "LLMInferenceService", PodSpec: "spec.template", Partial: true},
	{Group: "serving.kserve.io", Kind: "LLMInferenceService", PodSpec: "spec.worker", Noun: "worker", Partial: true},
	{Group: "machinelearning.seldon.io", Kind: "SeldonDeployment", Template: "spec.predictors[].componentSpecs[]", Partial: true},
	{Group: "kubernetes.dask.org", Kind: "DaskCluster DaskWorkerGroup", PodSpec: "spec.worker.spec", Noun: "worker"},
	{Group: "kubernetes.dask.org", Kind: "DaskCluster", PodSpec: "spec.scheduler.spec", Noun: "scheduler"},
	{Group: "kubernetes.dask.org", Kind: "DaskJob", PodSpec: "spec.job.spec", Noun: "job", Batch: true},
	{Group: "kubernetes.dask.org", Kind: "DaskJob", PodSpec: "spec.cluster.spec.worker.spec", Noun: "worker", Batch: true},
	{Group: "kubernetes.dask.org", Kind: "DaskJob", PodSpec: "spec.cluster.spec.scheduler.spec", Noun: "scheduler", Batch: true},
	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.podTemplate", Noun: "podTemplate", Partial: true},
	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.jobManager.podTemplate", Noun: "jobManager", Partial: true},
	{Group: "flink.apache.org", Kind: "FlinkDeployment", Template: "spec.taskManager.podTemplate", Noun: "taskManager", Partial: true},
	{Group: "sparkoperator.k8s.io", Kind: "SparkApplication", Template: "spec.driver", Noun: "driver", Batch: true, read: spread, self: true, apart: true},
	{Group: "sparkoperator.k8s.io", Kind: "SparkApplication", Template: "spec.executor", Noun: "executor", Batch: true, read: spread, self: true, apart: true},
	{Group: "sparkoperator.k8s.io", Kind: "SparkApplication", Template: "spec", Batch: true, read: spread},
	{Group: "sparkoperator.k8s.io", Kind: "SparkApplication", Template: "spec.driver.template", Noun: "driver", Batch: true, Partial: true},
	{Group: "sparkoperator.k8s.io", Kind: "SparkApplication", Template: "spec.executor.template", Noun: "executor", Batch: true, Partial: true},
	{Group: "sparkoperator.k8s.io", Kind: "ScheduledSparkApplication", Template: "spec.template.driver", Noun: "driver", Batch: true, read: spread, self: true, apart: true},
	{Group: "sparkoperator.k8s.io", Kind: "ScheduledSparkApplication", Template: "spec.template.executor", Noun: "executor", Batch: true, read: spread, self: true, apart: true},
	{Group: "sparkoperator.k8s.io", Kind: "ScheduledSparkApplication", Template: "spec.template", Batch: true, read: spread},
	{Group: "spark.apache.org", Kind: "SparkApplication", Template: "spec.driverSpec.podTemplateSpec", Noun: "driver", Batch: true, Partial: true},
	{Group: "spark.apache.org", Kind: "SparkApplication", Template: "spec.executorSpec.podTemplateSpec", Noun: "executor", Batch: true, Partial: true},

	// Databases, queues and search.
	{Group: "elasticsearch.k8s.elastic.co", Kind: "Elasticsearch", Template: "spec.nodeSets[].podTemplate", Noun: "node set", Partial: true},
	{Group: "kibana.k8s.elastic.co", Kind: "Kibana", Template: "spec.podTemplate", Partial: true},
	{Group: "apm.k8s.elastic.co", Kind: "ApmServer", Template: "spec.podTemplate", Partial: true},
	{Group: "enterprisesearch.k8s.elastic.co", Kind: "EnterpriseSearch", Template: "spec.podTemplate", Partial: true},
	{Group: "maps.k8s.elastic.co", Kind: "ElasticMapsServer", Template: "spec.podTemplate", Partial: true},
	{Group: "logstash.k8s.elastic.co", Kind: "Logstash", Template: "spec.podTemplate", Partial: true},
	{Group: "beat.k8s.elastic.co", Kind: "Beat", Template: "spec.daemonSet.podTemplate", Noun: "daemonSet", Partial: true},
	{Group: "beat.k8s.elastic.co", Kind: "Beat", Template: "spec.deployment.podTemplate", Noun: "deployment", Partial: true},
	{Group: "agent.k8s.elastic.co", Kind: "Agent", Template: "spec.daemonSet.podTemplate", Noun: "daemonSet", Partial: true},
	{Group: "agent.k8s.elastic.co", Kind: "Agent", Template: "spec.deployment.podTemplate", Noun: "deployment", Partial: true},
	{Group: "agent.k8s.elastic.co", Kind: "Agent", Template: "spec.statefulSet.podTemplate", Noun: "statefulSet", Partial: true},
	{Group: "opensearch.opster.io", Kind: "OpenSearchCluster", Template: "spec.nodePools[]", Noun: "node pool", read: spread},
	{Group: "clickhouse.altinity.com", Kind: "ClickHouseInstallation ClickHouseInstallationTemplate", Template: "spec.templates.podTemplates[]", Noun: "pod template", Partial: true},
	{Group: "clickhouse-keeper.altinity.com", Kind: "ClickHouseKeeperInstallation", Template: "spec.templates.podTemplates[]", Noun: "pod template", Partial: true},
	{Group: "mongodbcommunity.mongodb.com", Kind: "MongoDBCommunity", Template: "spec.statefulSet.spec.template", Partial: true},
	{Group: "mongodb.com", Kind: "MongoDB", Template: "spec.podSpec.podTemplate", Partial: true},
	{Group: "psmdb.percona.com", Kind: "PerconaServerMongoDB", Template: "spec.replsets[]", Noun: "replica set", read: spread},
	{Group: "pxc.percona.com", Kind: "PerconaXtraDBCluster", Template: "spec.pxc", Noun: "pxc", read: spread},
	{Group: "pxc.percona.com", Kind: "PerconaXtraDBCluster", Template: "spec.haproxy", Noun: "haproxy", read: spread},
	{Group: "pxc.percona.com", Kind: "PerconaXtraDBCluster", Template: "spec.proxysql", Noun: "proxysql", read: spread},
	{Group: "mysql.oracle.com", Kind: "InnoDBCluster", PodSpec: "spec.podSpec", Partial: true},
	{Group: "k8s.mariadb.com", Kind: "MariaDB MaxScale", Template: "spec", read: spread},
	{Group: "postgres-operator.crunchydata.com", Kind: "PostgresCluster", Template: "spec.instances[]", Noun: "instance", read: spread},
	{Group: "postgresql.cnpg.io", Kind: "Pooler", Template: "spec.template", Partial: true},
	{Group: "acid.zalan.do", Kind: "postgresql", Template: "spec", read: spread},
	{Group: "databases.spotahome.com", Kind: "RedisFailover", Template: "spec.redis", Noun: "redis", read: spread},
	{Group: "databases.spotahome.com", Kind: "RedisFailover", Template: "spec.sentinel", Noun: "sentinel", read: spread},
	{Group: "kafka.strimzi.io", Kind: "Kafka", Template: "spec.kafka.template", Noun: "kafka", read: strimzi},
	{Group: "kafka.strimzi.io", Kind: "Kafka", Template: "spec.zookeeper.template", Noun: "zookeeper", read: strimzi},
	{Group: "kafka.strimzi.io", Kind: "Kafka", Template: "spec.entityOperator.template", Noun: "entityOperator", read: strimzi},
	{Group: "kafka.strimzi.io", Kind: "Kafka", Template: "spec.cruiseControl.template", Noun: "cruiseControl", read: strimzi},
	{Group: "kafka.strimzi.io", Kind: "Kafka", Template: "spec.kafkaExporter.template", Noun: "kafkaExporter", read: strimzi},
	{Group: "kafka.strimzi.io", Kind: "KafkaNodePool KafkaConnect KafkaMirrorMaker2 KafkaBridge", Template: "spec.template", read: strimzi},
	{Group: "rabbitmq.com", Kind: "RabbitmqCluster", Template: "spec.override.statefulSet.spec.template", Partial: true},
	{Group: "minio.min.io", Kind: "Tenant", Template: "spec.pools[]", Noun: "pool", read: spread},
	{Group: "minio.min.io", Kind: "Tenant", Template: "spec.sideCars", Noun: "sideCars", read: spread},
	{Group: "solr.apache.org", Kind: "SolrCloud", Template: "spec.customSolrKubeOptions.podOptions", read: spread},
	{Group: "piraeus.io", Kind: "LinstorSatelliteConfiguration", Template: "spec.podTemplate", Partial: true},
	{Group: "piraeus.io", Kind: "LinstorCluster", Template: "spec.controller.podTemplate", Partial: true},

	// Monitoring, logging and networking.
	{Group: "monitoring.coreos.com", Kind: "Prometheus PrometheusAgent Alertmanager ThanosRuler", Template: "spec", read: spread},
	{Group: "operator.victoriametrics.com", Kind: "VMAgent VMAlert VMAlertmanager VMAuth VMSingle", Template: "spec", read: spread},
	{Group: "operator.victoriametrics.com", Kind: "VMCluster", Template: "spec.vminsert", Noun: "vminsert", read: spread},
	{Group: "operator.victoriametrics.com", Kind: "VMCluster", Template: "spec.vmselect", Noun: "vmselect", read: spread},
	{Group: "operator.victoriametrics.com", Kind: "VMCluster", Template: "spec.vmstorage", Noun: "vmstorage", read: spread},
	{Group: "opentelemetry.io", Kind: "OpenTelemetryCollector TargetAllocator OpAMPBridge", Template: "spec", read: spread, self: true, apart: true},
	{Group: "grafana.integreatly.org", Kind: "Grafana", Template: "spec.deployment.spec.template", Partial: true},
	{Group: "fluentbit.fluent.io", Kind: "FluentBit", Template: "spec", read: spread},
	{Group: "fluentd.fluent.io", Kind: "Fluentd", Template: "spec", read: spread},
	{Group: "datadoghq.com", Kind: "DatadogAgent", PodSpec: "spec.override.*", Noun: "override", Partial: true},
	{Group: "gateway.envoyproxy.io", Kind: "EnvoyProxy", read: envoyProxy},
	{Group: "k8s.keycloak.org", Kind: "Keycloak", Template: "spec.unsupported.podTemplate", Partial: true},
	{Group: "vault.banzaicloud.com", Kind: "Vault", PodSpec: "spec.vaultPodSpec", Partial: true},
	{Group: "jenkins.io", Kind: "Jenkins", Template: "spec.master", read: spread},
	{Group: "camel.apache.org", Kind: "Integration", Template: "spec.template", Partial: true},
	{Group: "camel.apache.org", Kind: "Pipe", Template: "spec.integration.template", Partial: true},
}
