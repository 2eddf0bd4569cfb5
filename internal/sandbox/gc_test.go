package sandbox

import "testing"

// A heap of any size holds little garbage, and a small one enough to be collected rarely.
func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct{ live, want uint64 }{ // in MiB
		{4, 60}, {10, 54}, {30, 74}, {48, 80}, {100, 80}, {240, 80}, {600, 200},
	} {
		garbage := c.live * uint64(garbagePercent(c.live<<20)) / 100
		if garbage > c.want || garbage < c.want*9/10 {
			t.Errorf("a heap of %d MiB holds %d MiB of garbage, want %d", c.live, garbage, c.want)
		}
	}
}
