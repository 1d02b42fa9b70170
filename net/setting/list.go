package setting

import (
	"fmt"
	"slices"
	"strings"
)

// List is a group of settings with different names.
type List []Setting

// Check returns the error of the first setting that has one; see [Setting.Check].
func (l List) Check() error {
	for _, s := range l {
		if err := s.Check(); err != nil {
			return err
		}
	}
	return nil
}

// Find returns the setting of that name. The error for an unknown name suggests the
// nearest one.
func (l List) Find(name string) (Setting, error) {
	const longest = 100
	if len(name) > longest {
		return Setting{}, fmt.Errorf("unknown setting %q… of %d bytes", name[:longest], len(name))
	}
	if i := slices.IndexFunc(l, func(s Setting) bool { return s.Name == name }); i >= 0 {
		return l[i], nil
	}
	best, least := "", 0
	for _, s := range l {
		if d := s.distance(name); best == "" || d < least {
			best, least = s.Name, d
		}
	}
	return Setting{}, fmt.Errorf("unknown setting %q, did you mean %q?", name, best)
}

// Pick returns the settings of these names, in this order. It panics if there is none of
// a name.
func (l List) Pick(names ...string) List {
	var picked List
	for _, name := range names {
		s, err := l.Find(name)
		if err != nil {
			panic(fmt.Sprintf("setting: Pick: %v", err))
		}
		picked = append(picked, s)
	}
	return picked
}

// distance returns how far a typed name is from the setting: the edit distance to its
// name or to the beginning of its help, whichever is nearer. A name of which one is the
// beginning of the other is nearer than that.
func (s Setting) distance(typed string) int {
	typed = strings.ReplaceAll(strings.ToLower(typed), "_", "-")
	if shorter := min(len(typed), len(s.Name)); shorter >= 3 && typed[:shorter] == s.Name[:shorter] {
		return editDistance(typed, s.Name) / 2 // hidden-size, regularisation; but normalise is rather normalize than norm
	}
	help, _, _ := strings.Cut(strings.ReplaceAll(s.Help, " ", "-"), ",")
	return min(editDistance(typed, s.Name), editDistance(typed, help))
}

// editDistance returns how many bytes must be inserted, deleted or changed to turn a
// into b (Levenshtein 1966). It keeps one row of the table of prefixes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
