package attributes

import "testing"

// A README has to speak of all files of its folder.
func TestReadmeLine(t *testing.T) {
	for text, want := range map[string]int{
		"# Parts\n\nThis directory contains charts synced from upstream. **Do not edit files in this directory manually**: they are overwritten.\n":    3,
		"# CRDs\n\nSome words.\n\nAll files in this folder are generated from the API\nand must not be edited by hand; they should not be modified.\n": 5,
		"The manifests in this directory are copied from another repository.\nPlease don't modify them.\n":                                             1,
		"> The contents of this directory are auto-generated. Never change these files.\n":                                                             1,
		"This directory contains charts synced from upstream.\n":                                                                                       0,
		"This directory has our charts. Do not edit `docs.md`: it is generated.\n":                                                                     0,
		"This directory has our charts.\n\nDo not edit the files in docs, which are generated.\n":                                                      0,
		"Files in this directory should not be edited without a review.\n":                                                                             0,
		"```\nThis directory is generated. Do not edit these files.\n```\n":                                                                            0,
	} {
		if got := readmeLine(text); got != want {
			t.Errorf("%q: line %d; want %d", text, got, want)
		}
	}
}
