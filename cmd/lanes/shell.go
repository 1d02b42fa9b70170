package main

import (
	"strings"
	"unicode"
)

// quoted returns a word as a shell reads it.
func quoted(word string) string {
	safe := func(r rune) bool {
		return strings.ContainsRune("-_./=:,+@%", r) || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !safe(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
