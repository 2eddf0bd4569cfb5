package report

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Indented JSON is that of encoding/json.
func TestAppendIndented(t *testing.T) {
	for _, compact := range []string{
		`{}`, `[]`, `""`, `1`, `null`, `{"a":[]}`, `{"a":{},"b":[1,-2.5e3,true,null]}`, `[[],[[1]],{"a":"b"}]`,
		`{"a":"{[,:]}","b\"c":"\\","d":"\\\"","e":"\u0023#[é"}`,
	} {
		var want bytes.Buffer
		if err := json.Indent(&want, []byte(compact), "  ", "  "); err != nil {
			t.Fatal(err)
		}
		if got := appendIndented(nil, "  ", []byte(compact)); string(got) != want.String() {
			t.Errorf("%s becomes\n%s\nwant\n%s", compact, got, want.String())
		}
	}
}
