package pods

import "testing"

// TestMayCome holds that the resources that only say what others do are no pods.
func TestMayCome(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		group, kind string
		want        bool
	}{
		{"source.extensions.fluxcd.io", "ArtifactGenerator", false},
		{"source.toolkit.fluxcd.io", "GitRepository", false},
		{"apisix.apache.org", "ApisixRoute", false},
		{"openebs.io", "DiskPool", false},
		{"openebs.io", "StoragePoolClaim", true},
		{"db.example.com", "Database", true},
		{"apps", "Deployment", false},
	} {
		if got := MayCome(tt.group, tt.kind); got != tt.want {
			t.Errorf("MayCome(%s, %s) is %v, want %v", tt.group, tt.kind, got, tt.want)
		}
	}
}
