package validity

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time zones are the same on every machine

	"github.com/robfig/cron/v3"

	"github.com/kubevet/kubevet/lint"
)

// ValidJob reports Jobs and CronJobs with fields that the API server refuses: a schedule or time
// zone that does not exist, indexes without the Indexed mode, negative numbers.
//
// An installation stops half-way, with some of the objects in place. A backup or a rotation of keys
// that was to run on schedule never does.
//
// A schedule has five fields, or is one of @hourly, @daily, @weekly, @monthly, @yearly and @every;
// a time zone belongs to timeZone, and since Kubernetes 1.29 not into the schedule. The policy for
// restarts is reported by restart-policy.
var ValidJob = &lint.Rule{
	ID:        "valid-job",
	Title:     "Job or CronJob is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"batch", "Job", []row{{"spec", job}}},
		kind{"batch", "CronJob", []row{
			{"spec.schedule", schedule},
			{"spec.timeZone", timeZone},
			{"spec.startingDeadlineSeconds", atLeast(0)},
			{"spec.successfulJobsHistoryLimit", atLeast(0)},
			{"spec.failedJobsHistoryLimit", atLeast(0)},
			{"spec.jobTemplate.spec", job},
			{"spec.jobTemplate.spec.manualSelector", func(s subject, v lint.Value) {
				if v.True() {
					s.refuse(v, "may not be true for the jobs of a CronJob", "it removed")
				}
			}},
		}},
	),
}

// schedule reads a schedule as Kubernetes does.
func schedule(s subject, v lint.Value) {
	if !v.IsScalar() || !v.IsKnown() || v.Node.Value == "" {
		return
	}
	plain := v.Node.Value
	if strings.Contains(plain, "TZ") {
		if s.Version.AtLeast(29) {
			s.refuseFor(v, "may not contain TZ or CRON_TZ", "the time zone in timeZone", "remove the time zone from "+s.path(v)+", and set timeZone")
			return
		}
		if !isEmpty(s.Get("spec.timeZone")) {
			s.refuseFor(v, "may not contain TZ or CRON_TZ when timeZone is set", "one of the two", "remove the time zone from "+s.path(v)+", or remove timeZone")
			return
		}
	}
	if err := parseSchedule(plain); err != nil {
		s.refuse(v, "is not a valid schedule ("+err.Error()+")", "a form such as 0 3 * * *")
	}
}

// parseSchedule reads a schedule. The parser panics on some.
func parseSchedule(text string) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("malformed")
		}
	}()
	_, err = cron.ParseStandard(text)
	return err
}

// timeZone is a name of the time zone database.
func timeZone(s subject, v lint.Value) {
	if !v.IsScalar() || !v.IsKnown() {
		return
	}
	name := v.Node.Value
	if _, err := time.LoadLocation(name); err != nil || name == "" || strings.EqualFold(name, "local") {
		s.refuse(v, "is not a known time zone", "a name such as Europe/Paris or Etc/UTC")
	}
}

// job is the spec of a Job.
func job(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	for _, number := range []string{"parallelism", "completions", "backoffLimit", "ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimitPerIndex", "maxFailedIndexes"} {
		atLeast(0)(s, v.Get(number))
	}
	domainPath(s, v.Get("managedBy"))
	oneOf("TerminatingOrFailed", "Failed")(s, v.Get("podReplacementPolicy"))
	if manual := v.Get("manualSelector"); (v.Get("selector.matchLabels").Len() > 0 || v.Get("selector.matchExpressions").Len() > 0) && !manual.True() && manual.IsKnown() && s.object.Kind == "Job" {
		s.refuse(v.Get("selector"), "may not be set unless manualSelector is true", "it removed")
	}
	if manual := v.Get("manualSelector"); manual.True() && !v.Get("selector").IsSet() {
		s.refuse(v.Get("selector"), "is required when manualSelector is true", "it set")
	}
	if v.Get("completionMode").IsKnown() {
		indexedJob(s, v)
	}
	if policy := v.Get("podFailurePolicy"); policy.IsMap() {
		failurePolicy(s, v, policy)
	}
}

// indexedJob are the fields that only the jobs have that count, or may not have.
func indexedJob(s subject, v lint.Value) {
	completions, parallelism, perIndex, failed := v.Get("completions"), v.Get("parallelism"), v.Get("backoffLimitPerIndex"), v.Get("maxFailedIndexes")
	if v.Get("completionMode").Text() != "Indexed" {
		for _, f := range []lint.Value{perIndex, v.Get("successPolicy")} {
			if f.IsSet() {
				s.refuseFor(f, "requires the Indexed completion mode", "completionMode: Indexed", "set completionMode: Indexed, or remove "+s.path(f))
			}
		}
		return
	}
	if !completions.IsSet() && completions.IsKnown() {
		s.refuse(completions, "is required when completionMode is Indexed", "it set")
	}
	if n, ok := parallelism.Int(); ok && n > 100_000 {
		s.refuse(parallelism, "must be less than or equal to 100000 when completionMode is Indexed", "100000 or less")
	}
	most, ok1 := completions.Int()
	n, ok2 := failed.Int()
	switch {
	case ok1 && ok2 && n > most:
		s.refuse(failed, "must be less than or equal to completions", completions.Text()+" or less")
	case failed.IsSet() && !perIndex.IsSet():
		s.refuse(perIndex, "is required when maxFailedIndexes is specified", "it set")
	}
	successPolicy(s, v)
}

// successPolicy is when a Job is done before all of its indexes are.
func successPolicy(s subject, v lint.Value) {
	completions := v.Get("completions")
	most, ok1 := completions.Int()
	for rule := range v.Get("successPolicy.rules").Items() {
		if isEmpty(rule.Get("succeededCount")) && isEmpty(rule.Get("succeededIndexes")) {
			s.refuseFor(rule, "must specify succeededCount or succeededIndexes", "one of them", "add succeededCount or succeededIndexes")
		}
		count := rule.Get("succeededCount")
		atLeast(0)(s, count)
		if n, ok := count.Int(); ok && ok1 && n > most {
			s.refuse(count, "must be less than or equal to completions", completions.Text()+" or less")
		}
		text("must be indexes and ranges of indexes", "a form such as 0,2-5", func(t string) []string {
			if !indexes.MatchString(t) {
				return []string{t}
			}
			return nil
		})(s, rule.Get("succeededIndexes"))
	}
	if policy := v.Get("successPolicy"); policy.IsMap() {
		required(s, policy.Get("rules"))
	}
}

// indexes are those of the pods of a Job that counts them.
var indexes = regexp.MustCompile(`^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$`)

// failurePolicy is what a Job does about pods that fail.
func failurePolicy(s subject, spec, policy lint.Value) {
	if restart := spec.Get("template.spec.restartPolicy"); restart.Text() == "OnFailure" { // restart-policy reports Always
		s.refuse(restart, "must be Never when podFailurePolicy is specified", "Never")
	}
	atMost(20)(s, policy.Get("rules"))
	for rule := range policy.Get("rules").Items() {
		if !known(rule) {
			continue
		}
		action, codes := rule.Get("action"), rule.Get("onExitCodes")
		required(s, action)
		oneOf("FailJob", "FailIndex", "Ignore", "Count")(s, action)
		if action.Text() == "FailIndex" && !spec.Get("backoffLimitPerIndex").IsSet() {
			s.refuseFor(action, "requires backoffLimitPerIndex", "backoffLimitPerIndex set", "set backoffLimitPerIndex on the Job, or choose another action than FailIndex")
		}
		oneField("one of onExitCodes or onPodConditions", "onExitCodes", "onPodConditions")(s, rule)
		for condition := range rule.Get("onPodConditions").Items() {
			required(s, condition.Get("type"))
			qualified(s, condition.Get("type"))
			oneOf("True", "False", "Unknown")(s, condition.Get("status"))
		}
		if codes.IsMap() {
			exitCodes(s, spec, codes)
		}
	}
}

func exitCodes(s subject, spec, codes lint.Value) {
	op, values := codes.Get("operator"), codes.Get("values")
	required(s, op)
	oneOf("In", "NotIn")(s, op)
	required(s, values)
	atMost(255)(s, values)
	before := int64(math.MinInt64)
	for code := range values.Items() {
		n, ok := code.Int()
		switch {
		case !ok:
			continue
		case n == 0 && op.Text() == "In":
			s.refuse(code, "must not be 0 for the In operator", "a code of 1 to 255")
		case n <= before:
			s.refuseFor(code, "must be greater than the code before it", "the codes in order, each once", "write the exit codes in order, each once")
		}
		before = n
	}
	name := codes.Get("containerName")
	if name.Text() == "" {
		return
	}
	var names []string
	for _, list := range []string{"containers", "initContainers"} {
		for c := range spec.Get("template.spec." + list).Items() {
			if !c.Get("name").IsKnown() {
				return
			}
			names = append(names, c.Get("name").Text())
		}
	}
	if !slices.Contains(names, name.Text()) {
		s.refuse(name, "must be one of the containers or initContainers", "one of the "+strconv.Itoa(len(names))+" names")
	}
}
