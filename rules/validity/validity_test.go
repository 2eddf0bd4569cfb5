package validity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
	"github.com/kubevet/kubevet/rules"
)

// judge gives the findings of the rules on what the API server refuses, as rule and severity.
func judge(t *testing.T, kind lint.UnitKind, minor int, text string) []string {
	t.Helper()
	var l []string
	for _, f := range findingsIn(t, kind, minor, text) {
		l = append(l, f.Severity.String()+" "+f.Rule.ID)
	}
	return l
}

func findingsIn(t *testing.T, kind lint.UnitKind, minor int, text string) []*lint.Finding {
	t.Helper()
	var list []*lint.Rule
	for _, r := range rules.All() {
		if refuses(r.ID) {
			list = append(list, r)
		}
	}
	u := &lint.Unit{Kind: kind, Input: "f.yaml"}
	for _, d := range manifest.Documents([]byte(text)) {
		objects, problems := manifest.Objects(d.Node, manifest.NewSource("f.yaml", []byte(text)))
		if len(problems) > 0 || d.Err != nil {
			t.Fatal(problems, d.Err)
		}
		u.Objects = append(u.Objects, objects...)
	}
	findings, problems := (&lint.Checker{Rules: list, Version: lint.Version{Major: 1, Minor: minor}}).Check(u)
	for _, p := range problems {
		t.Error(p, p.Detail)
	}
	return findings
}

// TestFixes: a fix says what to do about the value, and not only that something is to be done.
func TestFixes(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: "
	for text, want := range map[string]string{
		service + "{ports: [{port: 80, nodePort: 30080}]}\n":                                                  "remove spec.ports[0].nodePort",
		service + "{ports: [{name: a, port: 80}, {port: 81}]}\n":                                              "set spec.ports[1].name",
		service + "{ports: [{name: a, port: 80}, {name: a, port: 81}]}\n":                                     "remove or change spec.ports[1].name",
		service + "{ports: [{port: 80}], externalIPs: [a.b]}\n":                                               "change spec.externalIPs[0] to an address such as 10.9.8.7 or 2001:db8::ffff",
		service + "{ports: [{port: 80}], selector: {a/b/c: d}}\n":                                             `rename the key "a/b/c": use letters, digits, -, _ and . after an optional DNS name and a slash`,
		pod + "    env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n":           "remove env[0].valueFrom or value",
		service + "{ports: [{name: a.b, port: 80}]}\n":                                                        "write spec.ports[0].name with at most 63 lower-case letters, digits and dashes",
		pod + "    env: [{name: A, valueFrom: {}}]\n":                                                         "add fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef or fileKeyRef",
		pod + "    livenessProbe: {tcpSocket: {port: 80}, httpGet: {port: 80}}\n":                             "remove livenessProbe.httpGet or tcpSocket",
		"apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: kubernetes.io/tls\ndata: {tls.crt: YQ==}\n": "set data[tls.key]",
	} {
		findings := findingsIn(t, lint.UnitManifests, lint.Newest.Minor, text)
		if len(findings) != 1 || findings[0].Fix.Title != want {
			for _, f := range findings {
				t.Errorf("%s: fix %q; want %q", f.Message, f.Fix.Title, want)
			}
			if len(findings) == 0 {
				t.Errorf("no finding; want one in\n%s", text)
			}
		}
	}
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: app\n    image: a.example/b:1\n"

// TestVersions compares the limits that changed with the versions in which they did.
func TestVersions(t *testing.T) {
	for _, tt := range []struct {
		what, text string
		// refused and accepted are minor versions.
		refused, accepted int
	}{
		{"a variable with a blank in its name", pod + "    env: [{name: A B, value: x}]\n", 31, 32},
		{"a Service whose name starts with a digit", "apiVersion: v1\nkind: Service\nmetadata: {name: 1a}\nspec: {ports: [{port: 80}]}\n", 35, 36},
		{"claims to devices without a source", pod + "  resourceClaims: [{name: gpu}]\n", 34, 33},
		{"traffic to the same node", "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {trafficDistribution: PreferSameNode, ports: [{port: 80}]}\n", 33, 34},
		{"a search domain with an underscore", pod + "  dnsConfig: {searches: [_a.example.com]}\n", 32, 33},
		{"a schedule with a time zone", "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: CRON_TZ=UTC 0 3 * * *\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: a.example/b:1}]}}}}\n", 29, 28},
		{"rules for restarts without a policy", pod + "    restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]\n", 35, 34},
		{
			"scaling to zero", "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  minReplicas: 0\n  maxReplicas: 2\n" +
				"  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: a}\n  metrics: [{type: External, external: {metric: {name: m}, target: {type: Value, value: 1}}}]\n", 36, 37,
		},
	} {
		if l := judge(t, lint.UnitManifests, tt.refused, tt.text); len(l) != 1 {
			t.Errorf("%s in 1.%d: %v; want one finding", tt.what, tt.refused, l)
		}
		if l := judge(t, lint.UnitManifests, tt.accepted, tt.text); len(l) != 0 {
			t.Errorf("%s in 1.%d: %v; want none", tt.what, tt.accepted, l)
		}
	}
}

// TestTogether compares fields that are valid only together, and about which the referee is not asked, since
// another part of the API server checks them.
func TestTogether(t *testing.T) {
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}], "
	windows := "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {os: {name: windows}, "
	const process = "securityContext: {windowsOptions: {hostProcess: true}}"
	for text, want := range map[string]string{
		service + "selector: {a: b}, ipFamilies: [IPv4, IPv6]}\n":                                                               "high valid-service",
		service + "selector: {a: b}, ipFamilyPolicy: SingleStack, ipFamilies: [IPv4, IPv6]}\n":                                  "high valid-service",
		service + "selector: {a: b}, ipFamilyPolicy: PreferDualStack, ipFamilies: [IPv4, IPv6]}\n":                              "",
		service + "selector: {a: b}, ipFamilyPolicy: \"${POLICY}\", ipFamilies: [IPv4, IPv6]}\n":                                "",
		service + "clusterIP: None, ipFamilies: [IPv4, IPv6]}\n":                                                                "",
		service + "selector: {a: b}, ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv4]}\n":                             "high valid-service",
		windows + "hostNetwork: true, containers: [{name: a, image: a.example/b:1, " + process + "}]}\n":                        "",
		windows + "hostNetwork: true, " + process + ", containers: [{name: a, image: a.example/b:1}]}\n":                        "",
		windows + "containers: [{name: a, image: a.example/b:1, " + process + "}]}\n":                                           "high valid-pod",
		windows + "hostNetwork: true, containers: [{name: a, image: a.example/b:1, " + process + "}, {name: b, image: b:1}]}\n": "high valid-pod",
		pod + "    lifecycle: {preStop: {sleep: {seconds: 60}}}\n  terminationGracePeriodSeconds: 90\n":                         "",
		pod + "    lifecycle: {preStop: {sleep: {seconds: 60}}}\n  terminationGracePeriodSeconds: \"${SECONDS}\"\n":             "",
		pod + "    volumeMounts: [{name: a, mountPath: /a, subPath: b, subPathExpr: \"{{ x }}\"}]\n  volumes: [{name: a}]\n":    "",
		pod + "    readinessProbe: {httpGet: {port: \"${PORT}\"}}\n":                                                            "",
		pod + "    readinessProbe: {httpGet: {port: \"http-2\"}}\n":                                                             "",
		"apiVersion: batch/v1\nkind: Job\nmetadata: {name: " + strings.Repeat("x", 70) + "}\nspec: {manualSelector: true, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: [{name: a, image: a.example/b:1}]}}}\n": "",
	} {
		if got := strings.Join(judge(t, lint.UnitManifests, lint.Newest.Minor, text), ", "); got != want {
			t.Errorf("%q; want %q in\n%s", got, want, text)
		}
	}
}

// TestUnknown demands that no rule judges a value that another program fills in.
func TestUnknown(t *testing.T) {
	for _, text := range []string{
		pod + "    livenessProbe: {tcpSocket: {port: \"${PORT}\"}, successThreshold: \"${N}\"}\n    env: [{name: \"${NAME}\", value: x}]\n    resources: {limits: {\"${DEVICE}\": 1}}\n",
		pod + "  dnsPolicy: ${POLICY}\n  hostname: ${HOST}\n  tolerations: [{key: a, operator: \"${OP}\", value: b, tolerationSeconds: \"${N}\"}]\n",
		"apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: \"${NAME}\"}\nspec:\n  schedule: ${SCHEDULE}\n  timeZone: ${ZONE}\n  jobTemplate: {spec: {backoffLimit: \"${N}\", template: {spec: {restartPolicy: Never, containers: [{name: app, image: a.example/b:1}]}}}}\n",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: \"${TYPE}\", ports: [{port: 80, nodePort: 30080}]}\n",
		"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: \"${MIN}\"}\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {\"${DOMAIN}/a/b\": c}}\ndata: {\"${KEY}/x\": a}\n",
		"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: {rules: [{host: \"${HOST}\", http: {paths: [{path: \"${PATH_PREFIX}\", pathType: Prefix, backend: {service: {name: a, port: {number: \"${PORT}\"}}}}]}}]}\n",
	} {
		if l := judge(t, lint.UnitManifests, lint.Newest.Minor, text); len(l) != 0 {
			t.Errorf("%v in\n%s", l, text)
		}
	}
}

// TestLeftEmpty: what a chart leaves empty, to be set by its user, is low; what it lacks is not.
func TestLeftEmpty(t *testing.T) {
	for text, want := range map[string]string{
		"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: }}}\n": "low required-fields",
		"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}\nspec: {accessModes: [ReadWriteOnce]}\n":                                     "high required-fields",
		pod + "    volumeMounts: [{name: a, mountPath: \"\"}]\n  volumes: [{name: a}]\n":                                                               "low valid-container",
		pod + "    volumeMounts: [{name: a}]\n  volumes: [{name: a}]\n":                                                                                "high valid-container",
	} {
		if got := strings.Join(judge(t, lint.UnitChart, lint.Newest.Minor, text), ", "); got != want {
			t.Errorf("%q; want %q in\n%s", got, want, text)
		}
	}
}

// TestBetaDefinition: the definitions of v1beta1 may have one version, by a field of their own.
func TestBetaDefinition(t *testing.T) {
	const text = "kind: CustomResourceDefinition\nmetadata: {name: backups.example.com}\nspec:\n  group: example.com\n  version: v1\n  scope: Namespaced\n  names: {plural: backups, kind: Backup}\n"
	for version, want := range map[string]bool{"v1beta1": false, "v1": true} {
		if l := judge(t, lint.UnitManifests, 21, "apiVersion: apiextensions.k8s.io/"+version+"\n"+text); slices.Contains(l, "high valid-definition") != want {
			t.Errorf("%s: %v", version, l)
		}
	}
}

// TestWrongType: a value of another type holds no fields. The rule on types reports it, and no
// rule says that its fields are not set.
func TestWrongType(t *testing.T) {
	for _, text := range []string{
		"apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks:\n- name: a.example.com\n  sideEffects: None\n" +
			"  admissionReviewVersions: [v1]\n  clientConfig: {service: {name: a, namespace: b}}\n  namespaceSelector: {matchExpressions: [EXPRESSIONS]}\n  rules: [RULES]\n",
		"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: a}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: a}\nsubjects: [SUBJECT]\n",
		pod + "    volumeMounts: [MOUNT]\n    env: [VARIABLE]\n",
		pod + "  volumes: [VOLUME]\n  topologySpreadConstraints: [CONSTRAINT]\n",
	} {
		if l := judge(t, lint.UnitManifests, lint.Newest.Minor, text); slices.ContainsFunc(l, func(f string) bool { return !strings.HasSuffix(f, " field-types") }) {
			t.Errorf("%v in\n%s", l, text)
		}
	}
	// A mapping without the field is refused as before.
	text := pod + "    env: [{value: a}]\n"
	if l := judge(t, lint.UnitManifests, lint.Newest.Minor, text); len(l) != 1 {
		t.Errorf("%v; want one finding in\n%s", l, text)
	}
}

// TestNoName: an object without a name and a pod without a spec are refused.
func TestNoName(t *testing.T) {
	for text, want := range map[string]string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {a: b}}\n":                                                                                 "high required-fields",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n":                                                                                          "high required-fields",
		"apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: ExternalName, externalName: a.example.com}\n":                                 "",
		"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.b.c}\n":                                                "high required-fields",
		"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {namespace: a}\nspec: {}\n":                                                       "high required-fields",
		"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {namespace: a, generateName: b-}\nspec: {}\n":                                     "",
		"apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {namespace: a, name: }\nspec: {}\n":                                               "",
		"apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nspec: {}\n":                                                                        "",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n":                                                                               "",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n":                                                                                              "high required-fields",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n":                                                                      "high required-fields",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}}}\n": "high required-fields",
	} {
		if got := strings.Join(judge(t, lint.UnitManifests, lint.Newest.Minor, text), ", "); got != want {
			t.Errorf("%q; want %q in\n%s", got, want, text)
		}
	}
}
