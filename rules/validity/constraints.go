package validity

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/naming"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/suggest"
)

// all is several constraints on one value.
func all(l ...constraint) constraint {
	return func(s subject, v lint.Value) {
		for _, c := range l {
			c(s, v)
		}
	}
}

// since is a constraint that counts from 1.minor on.
func since(minor int, c constraint) constraint {
	return func(s subject, v lint.Value) {
		if s.Version.AtLeast(minor) {
			c(s, v)
		}
	}
}

// inV1 is a constraint of the stable version of an API. Those before it have other fields and defaults.
func inV1(c constraint) constraint {
	return func(s subject, v lint.Value) {
		if strings.HasSuffix(s.object.APIVersion, "/v1") {
			c(s, v)
		}
	}
}

// required is a field that must be set, and to more than nothing.
func required(s subject, v lint.Value) {
	if isEmpty(v) {
		s.refuse(v, "is required", "it set")
	}
}

// needs are fields that a mapping must have if it is there.
func requires(paths ...string) constraint {
	return func(s subject, v lint.Value) {
		if !v.IsMap() || !known(v) {
			return
		}
		for _, p := range paths {
			required(s, v.Get(p))
		}
	}
}

// atLeast is the least value of a number.
func atLeast(n int64) constraint {
	return func(s subject, v lint.Value) {
		if i, ok := v.Int(); ok && i < n {
			s.refuse(v, "must be greater than or equal to "+strconv.FormatInt(n, 10), strconv.FormatInt(n, 10)+" or more")
		}
	}
}

// between are the least and the greatest value of a number.
func between(least, most int64) constraint {
	limits := strconv.FormatInt(least, 10) + " to " + strconv.FormatInt(most, 10)
	return func(s subject, v lint.Value) {
		if i, ok := v.Int(); ok && (i < least || i > most) {
			s.refuse(v, "must be in the range of "+limits, limits)
		}
	}
}

// is demands one value of a number.
func is(n int64) constraint {
	return func(s subject, v lint.Value) {
		if i, ok := v.Int(); ok && i != n {
			s.refuse(v, "must be "+strconv.FormatInt(n, 10), strconv.FormatInt(n, 10))
		}
	}
}

// oneOf are the values that a text may have.
func oneOf(values ...string) constraint {
	return func(s subject, v lint.Value) {
		if v.IsScalar() && v.Node.Value != "" && !slices.Contains(values, v.Node.Value) {
			want := suggest.Closest(v.Node.Value, values)
			if i := slices.IndexFunc(values, func(w string) bool { return strings.EqualFold(w, v.Node.Value) }); i >= 0 {
				want = values[i]
			}
			if want == "" {
				want = list(values)
			}
			s.refuse(v, "is not a supported value", want)
		}
	}
}

// forbidden is a field that must not be set here.
func forbidden(reason string) constraint {
	return func(s subject, v lint.Value) {
		if v.IsSet() {
			s.refuse(v, reason, "it removed")
		}
	}
}

// oneField are the fields of a mapping of which exactly one must be set.
func oneField(what string, fields ...string) constraint {
	return func(s subject, v lint.Value) {
		set := setFields(v, fields...)
		switch {
		case !v.IsMap() || !known(v):
		case len(set) == 0:
			s.refuseFor(v, "must specify "+what, list(fields), "add "+list(fields))
		default:
			onlyOne(s, what, set)
		}
	}
}

// atMostOneField are the fields of a mapping of which one at most may be set.
func atMostOneField(what string, fields ...string) constraint {
	return func(s subject, v lint.Value) {
		if known(v) {
			onlyOne(s, what, setFields(v, fields...))
		}
	}
}

// onlyOne reports the second of the fields that exclude each other.
func onlyOne(s subject, what string, set []lint.Value) {
	if len(set) > 1 {
		first := set[0].Key().Value
		fix := "remove " + s.path(set[1]) + " or " + first
		if at := set[0].AtKey(); s.Locate(s.object, at).File != s.Locate(s.object, set[1].AtKey()).File { // one of two patches may be the one to change
			s.related = []lint.Related{{Object: s.object, At: at, Label: first + " is set"}}
			fix += ", in the file whose other uses do not need it"
		}
		s.refuseFor(set[1], "may not be specified together with "+first+": more than "+what, "one of the two", fix)
	}
}

// setFields are the fields of a mapping that are set, in order of the text.
func setFields(v lint.Value, fields ...string) []lint.Value {
	var set []lint.Value
	for k, c := range v.Entries() {
		if c.IsSet() && slices.Contains(fields, k) {
			set = append(set, c)
		}
	}
	return set
}

// list writes "a, b or c", or "one of a, b, …" if there are many.
func list(l []string) string {
	if len(l) < 2 {
		return strings.Join(l, "")
	}
	if len(l) > 6 {
		return "one of " + strings.Join(l, ", ")
	}
	return strings.Join(l[:len(l)-1], ", ") + " or " + l[len(l)-1]
}

// text is a constraint on text that is known and not empty: a function of apimachinery
// that gives messages. A word in capitals that it refuses is there to be replaced.
func text(reason, want string, faults func(string) []string) constraint {
	return func(s subject, v lint.Value) {
		isToBeSet := s.Unit.IsComponent && strings.Contains(v.Text(), " ") // words, for which the overlay that uses the component has a value
		if !isToBeSet && v.IsScalar() && v.IsKnown() && v.Node.Value != "" && !node.HasCapitals(v.Node.Value) && len(faults(v.Node.Value)) > 0 {
			s.refuse(v, reason, want+naming.Edges(v.Node.Value, want))
		}
	}
}

var (
	dnsLabel     = text("must be a DNS label", "at most 63 lower-case letters, digits and dashes", unless(naming.IsPlain, validation.IsDNS1123Label))
	dnsSubdomain = text("must be a DNS subdomain", "lower-case letters, digits, dashes and dots", unless(naming.IsPlain, validation.IsDNS1123Subdomain))
	qualified    = text("must be a qualified name", "letters, digits, -, _ and . after an optional DNS name and a slash", isQualified)
	labelValue   = text("must be a valid label value", "at most 63 letters, digits, -, _ and .", unless(naming.IsLabelValue, validation.IsValidLabelValue))
	labelKey     = qualified
	configKey    = text("must be a valid key of a ConfigMap or Secret", "letters, digits, -, _ and .", validation.IsConfigMapKey)
	ip           = text("must be a valid IP address", "an address such as 10.9.8.7 or 2001:db8::ffff", func(t string) []string {
		if _, err := netip.ParseAddr(t); err != nil {
			return []string{err.Error()}
		}
		return nil
	})
	cidr = text("must be a valid CIDR value", "a range such as 10.9.8.0/24 or 2001:db8::/64", func(t string) []string {
		if _, err := netip.ParsePrefix(t); err != nil {
			return []string{err.Error()}
		}
		return nil
	})
	absolutePath = text("must be an absolute path", "a path that starts with /", func(t string) []string {
		if !strings.HasPrefix(t, "/") {
			return []string{t}
		}
		return nil
	})
	localPath = text("must be a relative path without ..", "a path below the volume", func(t string) []string {
		if strings.HasPrefix(t, "/") || hasParent(t) {
			return []string{t}
		}
		return nil
	})
	noParent = text("must not contain '..'", "a path without ..", func(t string) []string {
		if hasParent(t) {
			return []string{t}
		}
		return nil
	})
)

func hasParent(path string) bool {
	return strings.Contains(path, "..") && slices.Contains(strings.Split(path, "/"), "..")
}

// isQualified is IsQualifiedName, fast for most names.
var isQualified = unless(naming.IsLabelKey, validation.IsQualifiedName)

// unless asks a function of apimachinery, which takes long, only about what another one
// does not know to be fine.
func unless(fine func(string) bool, faults func(string) []string) func(string) []string {
	return func(t string) []string {
		if fine(t) {
			return nil
		}
		return faults(t)
	}
}

// keys is a constraint on the keys of a mapping.
func keys(c constraint) constraint {
	return func(s subject, v lint.Value) { s.eachKey(v, c) }
}

// eachKey leaves out keys that another program fills in, also such that a colon cuts in two.
func (s subject) eachKey(v lint.Value, c constraint) {
	s.isKey = true
	for _, e := range v.Entries() {
		if k := e.AtKey(); k.IsScalar() && !node.MayHavePlaceholder(k.Node.Value) {
			c(s, k)
		}
	}
}

// unique are elements of a list, or values at a path in them, that must differ.
func unique(path string) constraint {
	return func(s subject, v lint.Value) {
		if v.Len() > 1 {
			s.refuseDuplicates(v, path)
		}
	}
}

func (s subject) refuseDuplicates(list lint.Value, path string) {
	seen := map[string]bool{}
	for item := range list.Items() {
		if path != "" {
			item = item.Get(path)
		}
		if !item.IsScalar() || !item.IsKnown() || item.Node.Value == "" {
			continue
		}
		if seen[item.Node.Value] {
			s.refuseFor(item, "is a duplicate value", "each once", s.changeDuplicate(item))
		}
		seen[item.Node.Value] = true
	}
}

// atMost is how many elements a list may have.
func atMost(n int) constraint {
	return func(s subject, v lint.Value) {
		if v.Len() > n && known(v) {
			s.refuseFor(v, "must have at most "+strconv.Itoa(n)+" items", strconv.Itoa(n)+" at most", "keep at most "+strconv.Itoa(n)+" items in "+s.path(v))
		}
	}
}

// refuseQuoted reports a number in quotes where text means something else than a number.
func (s subject) refuseQuoted(v lint.Value, must string) {
	fix := "write " + s.path(v) + " without quotes"
	if s.Unit.Kind == lint.UnitChart {
		fix += ", and remove quote from its template"
	}
	s.refuseFor(v, "is text because of its quotes and "+must, v.Node.Value+" without quotes", fix)
}

// countOrPercent is a whole number that is not negative, or a percentage.
func countOrPercent(s subject, v lint.Value) {
	i, isInt := v.Int()
	switch {
	case !v.IsScalar() || !v.IsKnown():
	case isInt && v.IsString():
		s.refuseQuoted(v, "must be an integer or a percentage")
	case isInt && i < 0:
		s.refuse(v, "must be greater than or equal to 0", "0 or more")
	case !isInt && len(validation.IsValidPercent(v.Node.Value)) > 0:
		s.refuse(v, "must be an integer or a percentage", "a form such as 1 or 25%")
	}
}

// upTo100 is a percentage of no more than 100.
func upTo100(s subject, v lint.Value) {
	if n, ok := percent(v); ok && n > 100 {
		s.refuse(v, "must not be greater than 100%", "100% at most")
	}
}

func percent(v lint.Value) (int64, bool) {
	number, ok := strings.CutSuffix(v.Text(), "%")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(number, 10, 64)
	return n, err == nil
}

// isZero reports 0 and 0%.
func isZero(v lint.Value) bool {
	if n, ok := percent(v); ok {
		return n == 0
	}
	n, ok := v.Int()
	return ok && n == 0
}

// quantity is the quantity of a value; ok is false if it is absent or none.
func quantity(v lint.Value) (q resource.Quantity, ok bool) {
	if !v.IsScalar() || !v.IsKnown() || !node.IsModestNumber(v.Node.Value) {
		return q, false
	}
	q, err := resource.ParseQuantity(strings.TrimSpace(v.Node.Value))
	return q, err == nil
}

// notNegative is a quantity of zero or more.
func notNegative(s subject, v lint.Value) {
	if q, ok := quantity(v); ok && q.Sign() < 0 {
		s.refuse(v, "must be greater than or equal to 0", "0 or more")
	}
}

// positive is a quantity above zero.
func positive(s subject, v lint.Value) {
	if q, ok := quantity(v); ok && q.Sign() <= 0 {
		s.refuse(v, "must be greater than zero", "more than 0")
	}
}

// labelSelector is a selector by matchLabels and matchExpressions.
func labelSelector(s subject, v lint.Value) {
	keys(labelKey)(s, v.Get("matchLabels"))
	for k, c := range v.Get("matchLabels").Entries() {
		if k != "" {
			labelValue(s, c)
		}
	}
	for e := range v.Get("matchExpressions").Items() {
		required(s, e.Get("key"))
		labelKey(s, e.Get("key"))
		operatorValues(s, e, "In", "NotIn", "Exists", "DoesNotExist")
		for value := range e.Get("values").Items() {
			labelValue(s, value)
		}
	}
}

// operatorValues compares the values of an expression with its operator.
func operatorValues(s subject, e lint.Value, operators ...string) {
	op, values := e.Get("operator"), e.Get("values")
	if !op.IsSet() {
		required(s, op)
		return
	}
	oneOf(operators...)(s, op)
	if !known(op, values) {
		return
	}
	n := values.Len()
	switch op.Text() {
	case "In", "NotIn":
		if n == 0 {
			s.refuse(values, "must be specified when operator is In or NotIn", "it set")
		}
	case "Exists", "DoesNotExist":
		if n > 0 {
			s.refuse(values, "may not be specified when operator is Exists or DoesNotExist", "it removed")
		}
	case "Gt", "Lt":
		if n != 1 {
			s.refuse(values, "must have a single value when operator is Gt or Lt", "one value")
		}
	}
}

// portNumber is a port of 1 to 65535.
var portNumber = between(1, 65535)

// portName is the name of a port.
var portName = text("must be a valid port name", "at most 15 lower-case letters, digits and single dashes, with a letter among them", validation.IsValidPortName)

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// portOrName is a port's number or its name.
func portOrName(s subject, v lint.Value) {
	switch _, isNumber := v.Int(); {
	case isNumber && !v.IsString():
		portNumber(s, v)
	case isNumber && v.IsKnown() && isDigits(v.Node.Value):
		s.refuseQuoted(v, "must be a number or the name of a port")
	default:
		portName(s, v)
	}
}
