package checklist

import (
	"slices"
	"strings"
	"testing"
)

func TestItems(t *testing.T) {
	if len(Items) != 97 {
		t.Errorf("%d items; want 97", len(Items))
	}
	seen := map[string]bool{}
	last := 0
	for _, i := range Items {
		if seen[i.ID] {
			t.Errorf("%s is there twice", i.ID)
		}
		seen[i.ID] = true
		id, _, _ := strings.Cut(i.ID, "-")
		at := slices.IndexFunc(Sections, func(s Section) bool { return s.ID == id })
		if at < last {
			t.Errorf("%s: section %q is unknown, or its items are not together", i.ID, id)
			continue
		}
		last = at
		if i.Section().ID != id {
			t.Errorf("%s is in section %q", i.ID, i.Section().ID)
		}
		if i.Title == "" || strings.HasSuffix(i.Title, ".") {
			t.Errorf("%s: title %q; want a sentence without full stop", i.ID, i.Title)
		}
		if (i.Evidence == "") != (i.Decided == ByAttestation) {
			t.Errorf("%s: evidence %q of an item that %v decide", i.ID, i.Evidence, i.Decided)
		}
		if (i.MaxAge == 0) != (i.Decided == ByFiles) {
			t.Errorf("%s: an attestation is valid for %d months in an item that %v decide", i.ID, i.MaxAge, i.Decided)
		}
	}
}

func TestFind(t *testing.T) {
	if i, ok := Find("pod-seccomp"); !ok || i.Title != "A seccomp profile is set" {
		t.Errorf("Find(pod-seccomp) = %+v, %v", i, ok)
	}
	if i, ok := Find("pod-secomp"); ok {
		t.Errorf("Find(pod-secomp) = %+v; want none", i)
	}
}
