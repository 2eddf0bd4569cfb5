package variables

import (
	"strings"
	"testing"
)

// A macro is in the place of its calls, with the arguments and what it sets. What it makes is limited.
func TestOfRecipes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a:\n\techo 1 \\\n\t  2\n", "2:echo 1  2"},
		{"define f\ncp $(1) ${2}$3\nendef\na:\n\t$(call f, x,\"y\")\n", `2:cp x "y"$3`},
		{"define f\n$(eval d := $(1)/b)\ncp $(d)\nendef\na:\n\t@echo && $(call f,$(X)) && $(call f,c); ls\n", "6:@echo &&  | 3:cp $(X)/b | 6: &&  | 3:cp c/b | 6:; ls"},
		{"define f\nrm $(1)\nendef\ndefine g\n$(call f,$(1)/a)\nendef\na:\n\t$(if $(Y),$(call g,o))\n", "2:rm o/a | 8:)"},
		{"define f\n$(call f,$(1))\nrm $(1)\nendef\na:\n\t$(call f,o)\n", "2:$(call f,o) | 3:rm o | 3:rm o | 3:rm o"},
		{"a:\n\t$(call missing,o)\n\techo $(call f\n", "3:echo"},
		{"define f\nrm $(1)\nendef\nx := $(call f,o)\n", ""},
	} {
		var got []string
		for _, l := range OfRecipes(c.text) {
			if text := strings.TrimSpace(l.Text); text != "" {
				got = append(got, string(rune('0'+l.Number))+":"+strings.TrimPrefix(l.Text, "\t"))
			}
		}
		if text := strings.Join(got, " | "); !strings.HasPrefix(text, c.want) {
			t.Errorf("%q: %q; want %q", c.text, text, c.want)
		}
	}
	many := "define f\n" + strings.Repeat("rm $(1)$(1)$(1)\n", 500) + "endef\na:\n" + strings.Repeat("\t$(call f,"+strings.Repeat("x", 200)+")\n", 500)
	size := 0
	for _, l := range OfRecipes(many) {
		size += len(l.Text)
	}
	if size > 2*maxText {
		t.Errorf("the macros make %d bytes", size)
	}
}

// A variable that is made of others is known once they are, and not if it has two values.
func TestOfMakefile(t *testing.T) {
	vars := OfMakefile("IMG ?= ${NAME}:$(TAG)\nNAME = app\nTAG = dev\nCMD := $(shell which kind)\nTWO = $(NAME)\nTWO = b\nX = $(Y)\nY = $(X)\nDEEP = r/$(IMG)\n")
	for name, want := range map[string]string{"IMG": "app:dev", "NAME": "app", "CMD": "", "TWO": "", "X": "", "DEEP": "r/app:dev"} {
		if got := vars[name]; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
