// Package rules lists the rules, finds them by id, and reads their documentation.
package rules

import (
	"embed"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/admission"
	"github.com/kubevet/kubevet/rules/api"
	"github.com/kubevet/kubevet/rules/certificates"
	"github.com/kubevet/kubevet/rules/controlplane"
	"github.com/kubevet/kubevet/rules/dockerfile"
	"github.com/kubevet/kubevet/rules/images"
	"github.com/kubevet/kubevet/rules/mesh"
	"github.com/kubevet/kubevet/rules/network"
	"github.com/kubevet/kubevet/rules/pod"
	"github.com/kubevet/kubevet/rules/rbac"
	"github.com/kubevet/kubevet/rules/reliability"
	"github.com/kubevet/kubevet/rules/repository"
	"github.com/kubevet/kubevet/rules/resources"
	"github.com/kubevet/kubevet/rules/secrets"
	"github.com/kubevet/kubevet/rules/validity"
)

// section is a package of rules.
type section struct {
	name   string
	source *embed.FS
	rules  []*lint.Rule
}

// sections is every rule, by section and id.
var sections = []section{
	{"admission", &admission.Source, []*lint.Rule{
		admission.AdmissionEventRateLimit,
		admission.AdmissionPlugins,
		admission.AdmissionPolicyBound,
		admission.AdmissionPolicyEnforced,
		admission.PodSecurityAdmission,
		admission.WebhookFailurePolicy,
		admission.WebhookScope,
		admission.WebhookTimeout,
		admission.WebhookTLS,
	}},
	{"api", &api.Source, []*lint.Rule{
		api.AvailableAPI,
		api.FieldTypes,
		api.KnownFields,
		api.NoDeprecatedAPI,
		api.NoRemovedAPI,
		api.RequiredFields,
		api.UniqueKeys,
		api.ValidLabels,
		api.ValidName,
		api.ValidPort,
		api.ValidQuantity,
		api.ValidValue,
	}},
	{"certificates", &certificates.Source, []*lint.Rule{
		certificates.CertificateExpiry,
		certificates.CertificateLifetime,
		certificates.CertificateStrength,
		certificates.NoSystemMastersCertificate,
		certificates.ValidCertificate,
	}},
	{"controlplane", &controlplane.Source, []*lint.Rule{
		controlplane.APIServerCertificate,
		controlplane.APIServerClientCA,
		controlplane.APIServerEtcdTLS,
		controlplane.APIServerIdentityProvider,
		controlplane.APIServerKubeletTLS,
		controlplane.AuditLog,
		controlplane.AuditPolicy,
		controlplane.AuthorizationMode,
		controlplane.ControlPlaneTLS,
		controlplane.ControllerManagerServiceAccountCredentials,
		controlplane.EtcdClientCertAuth,
		controlplane.EtcdOwnCA,
		controlplane.EtcdPeerCertAuth,
		controlplane.EtcdTLS,
		controlplane.KnownFlags,
		controlplane.KubeletAuthorization,
		controlplane.KubeletCertificateRotation,
		controlplane.KubeletClientCA,
		controlplane.KubeletEventRate,
		controlplane.KubeletIPTablesChains,
		controlplane.KubeletNoAnonymousAuth,
		controlplane.KubeletNoHostnameOverride,
		controlplane.KubeletNoReadOnlyPort,
		controlplane.KubeletPodPIDsLimit,
		controlplane.KubeletProtectKernelDefaults,
		controlplane.KubeletSeccompDefault,
		controlplane.KubeletServingCertificate,
		controlplane.KubeletStreamingTimeout,
		controlplane.LocalBindAddress,
		controlplane.NoAnonymousAuth,
		controlplane.NoAuditLogMount,
		controlplane.NoEtcdAutoTLS,
		controlplane.NoInsecurePort,
		controlplane.NoInsecureSkipTLSVerify,
		controlplane.NoKubeconfigStaticCredentials,
		controlplane.NoLogsHandler,
		controlplane.NoProfiling,
		controlplane.NoStaticTokenAuth,
		controlplane.RequestTimeout,
		controlplane.ServiceAccountKeys,
		controlplane.SupportedKubernetesVersion,
		controlplane.TerminatedPodGCThreshold,
	}},
	{"dockerfile", &dockerfile.Source, []*lint.Rule{
		dockerfile.DockerfileAbsoluteWorkdir,
		dockerfile.DockerfileAssumeYes,
		dockerfile.DockerfileBaseDigest,
		dockerfile.DockerfileCleanPackages,
		dockerfile.DockerfileConsolidateRuns,
		dockerfile.DockerfileDockerignore,
		dockerfile.DockerfileExecForm,
		dockerfile.DockerfileExposedPorts,
		dockerfile.DockerfileMinimalBase,
		dockerfile.DockerfileNoAdd,
		dockerfile.DockerfileNoApt,
		dockerfile.DockerfileNoDownloadTools,
		dockerfile.DockerfileNoFixedPlatform,
		dockerfile.DockerfileNoMaintainer,
		dockerfile.DockerfileNoPackageUpgrade,
		dockerfile.DockerfileNoRecommends,
		dockerfile.DockerfileNoRecursiveCopy,
		dockerfile.DockerfileNoRemoteControlTools,
		dockerfile.DockerfileNoSecret,
		dockerfile.DockerfileNoSudo,
		dockerfile.DockerfileNumericUser,
		dockerfile.DockerfilePinnedBase,
		dockerfile.DockerfilePinnedPackages,
		dockerfile.DockerfilePipefail,
		dockerfile.DockerfileSingleCommand,
		dockerfile.DockerfileUniqueStages,
		dockerfile.DockerfileUpdateWithInstall,
		dockerfile.DockerfileUser,
		dockerfile.DockerfileValidCopy,
		dockerfile.DockerfileVerifiedDownloads,
	}},
	{"images", &images.Source, []*lint.Rule{
		images.ImageDigest,
		images.ImageExposesPort,
		images.ImagePullPolicy,
		images.ImageRunsAsNonRoot,
		images.ImageRunsCommand,
		images.NoDeprecatedRegistry,
		images.NoLatestTag,
		images.TrustedRegistries,
		images.ValidImageReference,
	}},
	{"mesh", &mesh.Source, []*lint.Rule{
		mesh.DefaultDeny,
		mesh.GatewayTLS,
		mesh.NoAllowAll,
		mesh.ServerAuthorized,
		mesh.StrictMTLS,
	}},
	{"network", &network.Source, []*lint.Rule{
		network.CNIEnforcesPolicies,
		network.DeclaredPortUsed,
		network.DefaultDenyEgress,
		network.DefaultDenyIngress,
		network.HostNetworkPorts,
		network.IngressNamesHosts,
		network.IngressTLS,
		network.InternetFacingSeparation,
		network.LoadBalancerSourceRanges,
		network.NetworkPolicyEgress,
		network.NetworkPolicyIngress,
		network.NoAllowAllNetworkPolicy,
		network.NoAPIServerEgress,
		network.NoDanglingNetworkPolicy,
		network.NoDanglingPolicyPeer,
		network.NoExternalIPs,
		network.NoIngressInjection,
		network.NoIngressNginxSnippets,
		network.NoKubeletEgress,
		network.NoLocalExternalName,
		network.NoMetadataAPIEgress,
		network.NoNodePort,
		network.NoPublicControlPlane,
		network.NoRetiredIngressNginx,
		network.ServicePortDeclared,
		network.ServiceSelectsOneApplication,
		network.UniqueWorkloadLabels,
	}},
	{"pod", &pod.Source, []*lint.Rule{
		pod.ApparmorProfile,
		pod.DropAllCapabilities,
		pod.HighGroupID,
		pod.HighUserID,
		pod.MeetsNamespacePodSecurity,
		pod.MountPropagation,
		pod.NamespacePodSecurity,
		pod.NoAddedCapabilities,
		pod.NoContainerRuntimeSocket,
		pod.NoControlPlaneToleration,
		pod.NoDefaultNamespace,
		pod.NoDefaultServiceAccount,
		pod.NoDeprecatedServiceAccountField,
		pod.NoGitRepoVolume,
		pod.NoHostIPC,
		pod.NoHostNetwork,
		pod.NoHostPath,
		pod.NoHostPathPersistentVolume,
		pod.NoHostPID,
		pod.NoHostPort,
		pod.NoNodeName,
		pod.NoPodSecurityPolicy,
		pod.NoPrivilegeEscalation,
		pod.NoPrivilegedContainer,
		pod.NoProbeHost,
		pod.NoRemoteControlTools,
		pod.NoRunAsRootUser,
		pod.NoSensitiveHostPath,
		pod.NoShareProcessNamespace,
		pod.NoSSHServer,
		pod.NoSystemNamespace,
		pod.NoUnsafeSysctls,
		pod.NoWindowsHostProcess,
		pod.ProcMountDefault,
		pod.ReadOnlyHostPath,
		pod.ReadOnlyRootFilesystem,
		pod.RestrictedVolumeTypes,
		pod.RunAsNonRoot,
		pod.SandboxedRuntime,
		pod.SeccompProfile,
		pod.SelinuxOptions,
		pod.ServiceAccountPerWorkload,
		pod.TierPlacement,
		pod.UserNamespace,
		pod.ValidCapabilityNames,
	}},
	{"rbac", &rbac.Source, []*lint.Rule{
		rbac.BindingRoleExists,
		rbac.BindingSubjectExists,
		rbac.EffectiveRBACRule,
		rbac.NamedIdentities,
		rbac.NamespacePerSystem,
		rbac.NoAggregatedPrivilege,
		rbac.NoAnonymousBinding,
		rbac.NoClusterAdminBinding,
		rbac.NoDefaultAccountBinding,
		rbac.NoRBACAPIWrite,
		rbac.NoRBACEscalation,
		rbac.NoRBACEventDelete,
		rbac.NoRBACImpersonation,
		rbac.NoRBACNamespaceWrite,
		rbac.NoRBACNodeProxy,
		rbac.NoRBACPersistentVolumeCreate,
		rbac.NoRBACPodExec,
		rbac.NoRBACSecretsRead,
		rbac.NoRBACSecretsWrite,
		rbac.NoRBACSystemConfigWrite,
		rbac.NoRBACWebhookWrite,
		rbac.NoRBACWildcard,
		rbac.NoRBACWorkloadWrite,
		rbac.NoSystemMasters,
	}},
	{"reliability", &reliability.Source, []*lint.Rule{
		reliability.AutoscalerOwnsReplicas,
		reliability.AutoscalerTargetExists,
		reliability.BudgetAllowsEviction,
		reliability.BudgetLimitsEviction,
		reliability.BudgetSelectsPods,
		reliability.ConfigKeyExists,
		reliability.CronJobConcurrency,
		reliability.DisruptionBudget,
		reliability.DistinctProbes,
		reliability.IngressBackendExists,
		reliability.LivenessProbe,
		reliability.MultipleReplicas,
		reliability.ProbePortExists,
		reliability.ReadinessProbe,
		reliability.ReferenceExists,
		reliability.RestartPolicy,
		reliability.SelectorMatchesTemplate,
		reliability.ServicePortExists,
		reliability.ServiceSelectsPods,
		reliability.SpreadReplicas,
		reliability.StatefulSetService,
		reliability.TerminationGracePeriod,
		reliability.UniqueEnvNames,
		reliability.UniqueNames,
		reliability.VolumeExists,
	}},
	{"repository", &repository.Source, []*lint.Rule{
		repository.RepositorySecurityPolicy,
	}},
	{"resources", &resources.Source, []*lint.Rule{
		resources.CPULimit,
		resources.CPURequest,
		resources.EmptyDirSizeLimit,
		resources.EphemeralStorageLimit,
		resources.MemoryLimit,
		resources.MemoryLimitEqualsRequest,
		resources.MemoryRequest,
		resources.NamespaceLimitRange,
		resources.NamespaceResourceQuota,
		resources.RequestsWithinLimits,
		resources.ResourceUnit,
		resources.SensitiveCPULimit,
		resources.ValidPodResources,
		resources.WithinLimitRange,
	}},
	{"secrets", &secrets.Source, []*lint.Rule{
		secrets.EncryptionAtRest,
		secrets.NoAutomountToken,
		secrets.NoCAPrivateKey,
		secrets.NoDefaultPassword,
		secrets.NoInlineSecret,
		secrets.NoInlineTLSSecret,
		secrets.NoLiteralSecret,
		secrets.NoSecretInAnnotation,
		secrets.NoSecretInArgs,
		secrets.NoSecretInConfigMap,
		secrets.NoSecretInEnv,
		secrets.NoStaticCloudCredentials,
		secrets.NoTokenSecret,
		secrets.SecretsAsFiles,
		secrets.StorageClassEncrypted,
		secrets.TokenExpiration,
	}},
	{"validity", &validity.Source, []*lint.Rule{
		validity.ValidAutoscaler,
		validity.ValidClass,
		validity.ValidContainer,
		validity.ValidData,
		validity.ValidDefinition,
		validity.ValidDisruptionBudget,
		validity.ValidIngress,
		validity.ValidJob,
		validity.ValidMetadata,
		validity.ValidNetworkPolicy,
		validity.ValidPod,
		validity.ValidProbe,
		validity.ValidQuota,
		validity.ValidRBAC,
		validity.ValidScheduling,
		validity.ValidService,
		validity.ValidStorage,
		validity.ValidVolume,
		validity.ValidWebhook,
		validity.ValidWorkload,
	}},
}

// Section is the name of the section that a rule of All is in. It is empty if there is
// no such rule.
func Section(id string) string {
	for _, s := range sections {
		if slices.ContainsFunc(s.rules, func(r *lint.Rule) bool { return r.ID == id }) {
			return s.name
		}
	}
	return ""
}

// All lists every rule, sorted by section and id.
func All() []*lint.Rule {
	var l []*lint.Rule
	for _, s := range sections {
		l = append(l, s.rules...)
	}
	return l
}

// Find is the rule of that id or former id, or nil.
func Find(id string) *lint.Rule {
	for _, s := range sections {
		for _, r := range s.rules {
			if r.IsCalled(id) {
				return r
			}
		}
	}
	return nil
}

// Documentation is what the doc comment of a rule says. Each text is one
// paragraph on one line, of whole sentences.
type Documentation struct {
	Reports string // what is reported
	Risk    string // what an attacker gains
	Edges   string // edge cases and exemptions; may be empty
}

// Text is all paragraphs, with empty lines between them.
func (d Documentation) Text() string {
	return strings.TrimSuffix(strings.Join([]string{d.Reports, d.Risk, d.Edges}, "\n\n"), "\n\n")
}

// doc reads the documentation of a rule from its source text.
func (s section) doc(r *lint.Rule) (Documentation, error) {
	name := strings.ReplaceAll(r.ID, "-", "_") + ".go"
	text, err := s.source.ReadFile(name)
	if err != nil {
		return Documentation{}, fmt.Errorf("rule %s has no source file: %w", r.ID, err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return Documentation{}, fmt.Errorf("rule %s: %w", r.ID, err)
	}
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || len(g.Specs) != 1 {
			continue
		}
		if v, ok := g.Specs[0].(*ast.ValueSpec); ok && v.Names[0].IsExported() {
			return newDoc(v.Names[0].Name, g.Doc.Text())
		}
	}
	return Documentation{}, fmt.Errorf("%s declares no rule", name)
}

// newDoc splits a doc comment. It starts with the variable's name, as doc
// comments do; without that it reads as a sentence of its own.
func newDoc(name, comment string) (Documentation, error) {
	comment, ok := strings.CutPrefix(strings.TrimSpace(comment), name+" ")
	first, size := utf8.DecodeRuneInString(comment)
	comment = string(unicode.ToUpper(first)) + comment[size:]
	paragraphs := strings.Split(comment, "\n\n")
	if !ok || len(paragraphs) < 2 || len(paragraphs) > 3 {
		return Documentation{}, errors.New("the doc comment of " + name + " must start with its name and have two or three paragraphs")
	}
	for i, p := range paragraphs {
		paragraphs[i] = strings.Join(strings.Fields(p), " ")
	}
	d := Documentation{Reports: paragraphs[0], Risk: paragraphs[1]}
	if len(paragraphs) == 3 {
		d.Edges = paragraphs[2]
	}
	return d, nil
}

// DocIn reads the documentation of a rule that is not in All, from the text of
// its package.
func DocIn(source *embed.FS, r *lint.Rule) (Documentation, error) {
	return section{source: source}.doc(r)
}

// Doc reads the documentation of a rule, given its id or a former one.
func Doc(id string) (Documentation, error) {
	r := Find(id)
	for _, s := range sections {
		if slices.Contains(s.rules, r) {
			return s.doc(r)
		}
	}
	return Documentation{}, fmt.Errorf("no rule %q", id)
}
