// Package checklist holds the items of the Kubernetes security checklist: what each
// requires, and what decides it.
package checklist

import (
	"slices"
	"strings"
)

// Item is one requirement of the checklist.
type Item struct {
	// ID is stable, in kebab case. The part before the first hyphen is the ID of
	// the section.
	ID string
	// Title is the requirement: one sentence without full stop.
	Title string
	// Decided says what decides the item.
	Decided Decided
	// MaxAge is how many months an attestation is valid. Zero: the item takes none.
	MaxAge int
	// Evidence names the files that decide the item, as a list of nouns. Empty: no
	// file does.
	Evidence string
	// Subjects are what the input must hold, at least one of them, so that rules can
	// decide the item. Empty: only Evidence speaks for it.
	Subjects []Subject
	// Parts, if not empty, are what the item is about: it passes only if the input holds
	// a subject of each.
	Parts [][]Subject
	// Rules are the IDs of the rules that decide the item, whatever their profile. See
	// RulesOf for the others.
	Rules []string
	// As are the IDs of items whose rules and evidence decide this one too.
	As []string
}

// Decided says what decides an item.
type Decided int

const (
	// ByFiles is an item that rules decide from files. It is the zero value.
	ByFiles Decided = iota
	// ByFilesAndAttestation is an item of which files decide a part. It passes only
	// if a person attests the rest.
	ByFilesAndAttestation
	// ByAttestation is an item that no file can decide.
	ByAttestation
)

// String gives files, files and attestation, or attestation.
func (d Decided) String() string {
	return [...]string{"files", "files and attestation", "attestation"}[d]
}

// Section is a part of the checklist.
type Section struct {
	// ID is what the IDs of its items start with.
	ID    string
	Title string
}

// Sections is the sections, in their order. It must not be changed.
var Sections = []Section{
	{"auth", "Authentication and authorization"},
	{"infra", "Infrastructure"},
	{"network", "Network"},
	{"pod", "Pods"},
	{"logs", "Logs, audit and monitoring"},
	{"secrets", "Secrets"},
	{"images", "Images"},
	{"admission", "Admission"},
	{"code", "Code"},
	{"ops", "Operations"},
}

// Section is the item's section.
func (i Item) Section() Section {
	id, _, _ := strings.Cut(i.ID, "-")
	return Sections[slices.IndexFunc(Sections, func(s Section) bool { return s.ID == id })]
}

// IDs lists the IDs of all items, in the order of the checklist.
func IDs() []string {
	l := make([]string, len(Items))
	for i, item := range Items {
		l[i] = item.ID
	}
	return l
}

// Find returns the item of an ID.
func Find(id string) (Item, bool) {
	if i := slices.IndexFunc(Items, func(i Item) bool { return i.ID == id }); i >= 0 {
		return Items[i], true
	}
	return Item{}, false
}
