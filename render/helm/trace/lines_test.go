package trace

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v3"
)

// TestLines checks the lines of a text.
func TestLines(t *testing.T) {
	l := LinesOf("ab\r\nc\n\nd")
	if !slices.Equal(l.Starts, []int{0, 4, 6, 7}) {
		t.Errorf("starts %v", l.Starts)
	}
	for n, want := range []string{"", "ab", "c", "", "d", ""} {
		if got := l.Line(n); got != want {
			t.Errorf("line %d: got %q, want %q", n, got, want)
		}
	}
}

// TestSpan checks where the content of scalars is in a text.
func TestSpan(t *testing.T) {
	const text = "a: plain\nb: \"dou\\\"ble\"\nc: 'single'\nd: |\n  one\n  two\ne: >-\n  fold\n"
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	l := LinesOf(text)
	var got []string
	for i := 1; i < len(doc.Content[0].Content); i += 2 {
		from, to := l.Span(doc.Content[0].Content[i])
		got = append(got, fmt.Sprintf("%q", text[from:to]))
	}
	if s := strings.Join(got, " "); s != `"plain" "dou\\\"ble" "single" "  one\n  two\n" "  fold\n"` {
		t.Errorf("got %s", s)
	}
}

// TestOffset compares columns with a count of the characters, one by one.
func TestOffset(t *testing.T) {
	for _, text := range []string{"", "ab", "äb", "a\nä€𝄞b\n€", "ä\r\n\nöb€\xbf\xbfc", "\xbf"} {
		l := LinesOf(text)
		for line := 0; line <= len(l.Starts)+1; line++ {
			for column := 0; column <= len(text)+2; column++ {
				want := len(text)
				if line >= 1 && line <= len(l.Starts) {
					want = l.Starts[line-1]
					for n := 1; n < column && want < len(text); n++ {
						want++
						for want < len(text) && text[want]&0xC0 == 0x80 {
							want++
						}
					}
				}
				if got := l.Offset(line, column); got != want {
					t.Errorf("%q, line %d, column %d: got %d, want %d", text, line, column, got, want)
				}
			}
		}
	}
}
