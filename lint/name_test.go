package lint

import "testing"

func TestKindName(t *testing.T) {
	for _, tt := range []struct{ kind, name, want string }{
		{"Deployment", "web", "Deployment web"},
		{"Deployment", "", "a Deployment without a name"},
		{"Ingress", "", "an Ingress without a name"},
		{"HTTPRoute", "", "an HTTPRoute without a name"},
		{"User", "", "a User without a name"},
		{"", "x", " x"},
		{"Deployment", "#@ data.values.name", "Deployment (named by data.values.name)"},
	} {
		if got := KindName(tt.kind, tt.name); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
