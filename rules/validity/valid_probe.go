package validity

import (
	"strconv"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
)

// ValidProbe reports probes that the API server refuses: with two handlers or none, with
// negative numbers, or with a success threshold that their kind does not allow.
//
// The API server refuses such a pod. For a Deployment it does so only when the controller makes
// the pods, and no error is shown: the old version keeps running.
//
// A number of 0 means its default and passes. Ports that are out of range are reported by
// valid-port.
var ValidProbe = &lint.Rule{
	ID:        "valid-probe",
	Title:     "Probe is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "give the probe one handler and numbers that it takes",
	Check: containers(
		row{"livenessProbe", probe},
		row{"readinessProbe", probe},
		row{"startupProbe", probe},
		row{"livenessProbe.successThreshold", oneOrZero},
		row{"startupProbe.successThreshold", oneOrZero},
		row{"readinessProbe.terminationGracePeriodSeconds", forbidden("may not be set for a readiness probe")},
		row{"livenessProbe.terminationGracePeriodSeconds", atLeast(1)},
		row{"startupProbe.terminationGracePeriodSeconds", atLeast(1)},
	),
}

// oneOrZero is a success threshold of 1, which 0 means.
func oneOrZero(s subject, v lint.Value) {
	if i, ok := v.Int(); ok && i > 0 {
		is(1)(s, v)
	}
}

func probe(s subject, v lint.Value) {
	if !v.IsMap() || s.part.Kind == lint.KindInit || s.part.Kind == lint.KindEphemeral { // which have none
		return
	}
	oneField("one handler", "exec", "httpGet", "tcpSocket", "grpc")(s, v)
	action(s, v)
	for _, number := range []string{"initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"} {
		atLeast(0)(s, v.Get(number))
	}
}

// handler is what a hook runs.
func handler(s subject, v lint.Value) {
	oneField("one handler", "exec", "httpGet", "tcpSocket", "sleep")(s, v)
	action(s, v)
	oneOf("HTTP", "HTTPS")(s, v.Get("httpGet.scheme"))
	portOrName(s, v.Get("httpGet.port"))
	portOrName(s, v.Get("tcpSocket.port"))
	atLeast(0)(s, v.Get("sleep.seconds"))
	sleep(s, v.Get("sleep.seconds"))
}

// defaultGracePeriod is how many seconds a pod has to end if it does not say.
const defaultGracePeriod = 30

// sleep compares the sleep of a hook with the time that the pod has to end.
func sleep(s subject, v lint.Value) {
	grace := s.part.Workload.Pod.Get("terminationGracePeriodSeconds")
	most, ok := grace.Int()
	which := "terminationGracePeriodSeconds, which is " + grace.Text()
	if !grace.IsSet() && known(grace) {
		most, ok, which = defaultGracePeriod, true, "terminationGracePeriodSeconds, which is 30 if it is not set"
	}
	if n, isInt := v.Int(); ok && isInt && n > most {
		s.refuseFor(v, "must not be greater than "+which, strconv.FormatInt(most, 10)+" or less",
			"set terminationGracePeriodSeconds of the pod to "+strconv.FormatInt(n, 10)+" or more, or change "+s.path(v)+" to "+strconv.FormatInt(most, 10)+" or less")
	}
}

// action is what a probe or hook does.
func action(s subject, v lint.Value) {
	requires("command")(s, v.Get("exec"))
	requires("port")(s, v.Get("httpGet"))
	requires("port")(s, v.Get("tcpSocket"))
	requires("port")(s, v.Get("grpc"))
	for h := range v.Get("httpGet.httpHeaders").Items() {
		requires("name")(s, h)
		text("must be a valid HTTP header name", "letters, digits and dashes", validation.IsHTTPHeaderName)(s, h.Get("name"))
	}
}
