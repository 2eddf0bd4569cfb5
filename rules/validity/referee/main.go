// Command referee asks Kubernetes' own validation about the variants of objects that the tests of
// package validity are about, and writes what it says into testdata/variants.txt:
//
//	cd rules/validity/referee && go run .
//
// It is a module of its own, since k8s.io/kubernetes needs more than the rest of the project
// together. A variant that is marked as a gap stays one as long as it is refused.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsinstall "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/install"
	apiextensionsvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	genericrequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"sigs.k8s.io/yaml"

	_ "k8s.io/kubernetes/pkg/apis/admissionregistration/install"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	_ "k8s.io/kubernetes/pkg/apis/autoscaling/install"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	_ "k8s.io/kubernetes/pkg/apis/discovery/install"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	_ "k8s.io/kubernetes/pkg/apis/node/install"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	_ "k8s.io/kubernetes/pkg/apis/scheduling/install"
	_ "k8s.io/kubernetes/pkg/apis/storage/install"
)

var strategies = map[string]rest.RESTCreateStrategy{
	"Pod": pod.Strategy, "Service": service.Strategy, "ReplicationController": replicationcontroller.Strategy,
	"ConfigMap": configmap.Strategy, "Secret": secret.Strategy, "Namespace": namespace.Strategy,
	"PersistentVolumeClaim": persistentvolumeclaim.Strategy, "PersistentVolume": persistentvolume.Strategy,
	"LimitRange": limitrange.Strategy, "ResourceQuota": resourcequota.Strategy, "ServiceAccount": serviceaccount.Strategy,
	"Endpoints": endpoint.Strategy, "PodTemplate": podtemplate.Strategy,
	"Deployment": deployment.Strategy, "DaemonSet": daemonset.Strategy, "StatefulSet": statefulset.Strategy, "ReplicaSet": replicaset.Strategy,
	"Job": job.Strategy, "CronJob": cronjob.Strategy,
	"Ingress": ingress.Strategy, "NetworkPolicy": networkpolicy.Strategy, "IngressClass": ingressclass.Strategy,
	"EndpointSlice":       endpointslice.Strategy,
	"PodDisruptionBudget": poddisruptionbudget.Strategy, "HorizontalPodAutoscaler": horizontalpodautoscaler.Strategy,
	"Role": role.Strategy, "ClusterRole": clusterrole.Strategy, "RoleBinding": rolebinding.Strategy, "ClusterRoleBinding": clusterrolebinding.Strategy,
	"StorageClass": storageclass.Strategy, "CSIDriver": csidriver.Strategy, "PriorityClass": priorityclass.Strategy, "RuntimeClass": runtimeclass.Strategy,
	"ValidatingWebhookConfiguration": validatingwebhookconfiguration.Strategy, "MutatingWebhookConfiguration": mutatingwebhookconfiguration.Strategy,
	"ValidatingAdmissionPolicy": validatingadmissionpolicy.NewStrategy(nil, nil), "ValidatingAdmissionPolicyBinding": validatingadmissionpolicybinding.NewStrategy(nil, nil, nil),
	"MutatingAdmissionPolicy": mutatingadmissionpolicy.NewStrategy(nil, nil),
	"Lease":                   lease.Strategy,
}

var crdScheme = runtime.NewScheme()

func main() {
	if err := run(filepath.Join("..", "testdata")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run judges each variant, and writes the file anew.
func run(dir string) error {
	apiextensionsinstall.Install(crdScheme)
	text, err := os.ReadFile(filepath.Join(dir, "objects.yaml"))
	if err != nil {
		return err
	}
	var objects [][]byte
	for doc := range strings.SplitSeq(string(text), "\n---\n") {
		j, err := yaml.YAMLToJSON([]byte(doc))
		if err != nil {
			return err
		}
		objects = append(objects, j)
	}
	file := filepath.Join(dir, "variants.txt")
	if text, err = os.ReadFile(file); err != nil {
		return err
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(f) == 5 {
			verdict, err := judgeVariant(objects, f)
			if err != nil {
				return fmt.Errorf("%s: %w", line, err)
			}
			line = strings.Join(append(f[:4], verdict), "\t") + "\n"
		}
		out.WriteString(line)
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// judgeVariant gives the last column of a line.
func judgeVariant(objects [][]byte, f []string) (string, error) {
	n, err := strconv.Atoi(f[0])
	if err != nil {
		return "", err
	}
	var o any
	var path []any
	var value json.RawMessage
	if err := errors.Join(json.Unmarshal(objects[n], &o), json.Unmarshal([]byte(f[2]), &path)); err != nil {
		return "", err
	}
	if f[1] == "set" {
		value = json.RawMessage(f[3])
	}
	change(o, path, value)
	j, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	field, refused := judge(j)
	switch {
	case !refused:
		return "accepted", nil
	case strings.HasPrefix(f[4], "gap "):
		return "gap " + field, nil
	}
	return "refused " + field, nil
}

// change sets or, without a value, deletes what is at a path.
func change(at any, path []any, value json.RawMessage) {
	for _, step := range path[:len(path)-1] {
		at = child(at, step)
	}
	last := path[len(path)-1]
	switch parent := at.(type) {
	case map[string]any:
		if value == nil {
			delete(parent, last.(string))
		} else {
			parent[last.(string)] = value
		}
	case []any:
		parent[int(last.(float64))] = value
	}
}

func child(v, step any) any {
	if m, ok := v.(map[string]any); ok {
		return m[step.(string)]
	}
	return v.([]any)[int(step.(float64))]
}

// judge says whether Kubernetes refuses an object, and the field that it names first.
func judge(j []byte) (field string, refused bool) {
	var head struct{ APIVersion, Kind string }
	if err := json.Unmarshal(j, &head); err != nil {
		return err.Error(), true
	}
	gvk := schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)
	scheme := legacyscheme.Scheme
	if gvk.Group == "apiextensions.k8s.io" {
		scheme = crdScheme
	}
	obj, _, err := serializer.NewCodecFactory(scheme).UniversalDecoder().Decode(j, nil, nil)
	if err != nil {
		return err.Error(), true
	}
	if crd, ok := obj.(*apiextensions.CustomResourceDefinition); ok {
		errs := apiextensionsvalidation.ValidateCustomResourceDefinition(context.Background(), crd)
		if len(errs) == 0 {
			return "", false
		}
		return errs[0].Field, true
	}
	return create(strategies[head.Kind], gvk, obj)
}

// create does what the API server does before it stores an object.
func create(s rest.RESTCreateStrategy, gvk schema.GroupVersionKind, obj runtime.Object) (field string, refused bool) {
	defer func() { // the API server answers a panic with an error
		if e := recover(); e != nil {
			field, refused = "panic", true
		}
	}()
	m, err := meta.Accessor(obj)
	if err != nil {
		return err.Error(), true
	}
	if s.NamespaceScoped() && m.GetNamespace() == "" {
		m.SetNamespace("default")
	} else if !s.NamespaceScoped() {
		m.SetNamespace("")
	}
	ctx := genericrequest.WithNamespace(genericrequest.NewContext(), m.GetNamespace())
	ctx = genericrequest.WithRequestInfo(ctx, &genericrequest.RequestInfo{APIGroup: gvk.Group, APIVersion: gvk.Version})
	rest.FillObjectMetaSystemFields(m)
	err = rest.BeforeCreate(s, ctx, obj)
	var status *apierrors.StatusError
	switch {
	case err == nil:
		return "", false
	case errors.As(err, &status) && status.ErrStatus.Details != nil && len(status.ErrStatus.Details.Causes) > 0:
		return status.ErrStatus.Details.Causes[0].Field, true
	}
	return err.Error(), true
}
