package lint

import "testing"

// What names one of several workloads does not name all of them.
func TestObjectsAmongSeveral(t *testing.T) {
	of := func(name, message string) Occurrence {
		return Occurrence{Object: ObjectRef{Kind: "Deployment", Name: name}, Message: message}
	}
	for want, l := range map[string][]Occurrence{
		": Deployment a and Deployment b": {of("b", "x"), of("a", "y")},
		": Deployment a, Deployment b and more": {
			of("a", "no policy selects its 11 workloads, such as Deployment a"), of("b", "no policy selects 4 workloads, such as Deployment b"),
		},
	} {
		if got := ofObjects(l); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}
